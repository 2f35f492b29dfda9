/** One thing that is wrong with a document, and where. */
export interface Fault {
  /** JSON Pointer (RFC 6901) to the field. */
  pointer: string;
  /** What is wrong, for the person who wrote it. */
  message: string;
}

/** Most faults that a status message names. */
const SHOWN_FAULTS = 10;

/** Appends a name to a JSON Pointer. */
export function appendPointer(pointer: string, name: string | number): string {
  return `${pointer}/${String(name).replaceAll('~', '~0').replaceAll('/', '~1')}`;
}

/** Faults as one line for a status message, bounded. */
export function formatFaults(faults: readonly Fault[]): string {
  const shown = faults
    .slice(0, SHOWN_FAULTS)
    .map(({ pointer, message }) => `${pointer === '' ? '(root)' : pointer} ${message}`);
  const rest = faults.length - shown.length;
  return [...shown, ...(rest > 0 ? [`and ${rest} more`] : [])].join('; ');
}
