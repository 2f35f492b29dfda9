/** How long a reader waits before it comes back, as the HTML standard has it (§9.2.6). */
export const RETRY_LINE = 'retry: 2000\n\n';

/** A line of a log; its number is the id, with which the reader goes on after an interruption. */
export function formatLine(number: number, text: string): string {
  // A carriage return would end the field; progress bars are full of them.
  const data = text
    .split('\r')
    .map((part) => `data: ${part}\n`)
    .join('');
  return `id: ${number}\n${data}\n`;
}

/** The run has ended and nothing will come: the reader need not come back. */
export function formatEnd(last: number): string {
  return `id: ${last}\nevent: end\ndata: \n\n`;
}

/** Something that readers ignore, so that nobody on the way takes the silence for the end. */
export function formatComment(): string {
  return ': \n\n';
}

/** The line that a reader had last, by its `Last-Event-ID`; 0 for none that we gave. */
export function parseLastEventId(header: string | undefined): number {
  return header !== undefined && /^[0-9]{1,9}$/.test(header) ? Number(header) : 0;
}
