/** One server-sent event. */
export interface ServerSentEvent {
  id: string;
  event: string;
  data: string;
}

/** Reads the events of a stream until it ends, or until somebody has seen enough. */
export async function readEvents(
  body: ReadableStream<Uint8Array>,
  onEvent: (event: ServerSentEvent) => void | Promise<void> = () => undefined,
): Promise<ServerSentEvent[]> {
  const events: ServerSentEvent[] = [];
  let rest = '';
  for await (const chunk of body.pipeThrough(new TextDecoderStream())) {
    const blocks = (rest + chunk).split('\n\n');
    rest = blocks.pop() ?? '';
    for (const event of blocks.map(parseEvent).filter((found) => found !== undefined)) {
      events.push(event);
      await onEvent(event);
    }
  }
  return events;
}

function parseEvent(block: string): ServerSentEvent | undefined {
  const values = (field: string): string[] =>
    block
      .split('\n')
      .filter((line) => line.startsWith(`${field}: `))
      .map((line) => line.slice(field.length + 2));
  const [id] = values('id');
  if (id === undefined) return undefined;
  return { id, event: values('event')[0] ?? 'message', data: values('data').join('\n') };
}
