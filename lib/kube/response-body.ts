import { StringDecoder } from 'node:string_decoder';
import { ConnectionError, ResponseTooLargeError } from './errors.ts';

/**
 * Reads a body as text.
 *
 * @throws {ResponseTooLargeError} as soon as it is longer than the limit, in bytes
 */
export async function readText(
  body: AsyncIterable<Buffer>,
  limit: number,
  operation: string,
): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of body) {
    length += chunk.length;
    if (length > limit) throw tooLarge(operation, limit);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks, length).toString('utf8');
}

/**
 * Cuts a body into its lines; empty ones, and a last one without an end, are left out.
 *
 * @throws {ResponseTooLargeError} when a line is longer than the limit, in characters
 */
export async function* readLines(
  body: AsyncIterable<Buffer>,
  limit: number,
  operation: string,
): AsyncGenerator<string, void, undefined> {
  const decoder = new StringDecoder('utf8');
  // A line of several MiB comes in many chunks: they are joined once, not again and again.
  let parts: string[] = [];
  let length = 0;
  for await (const chunk of body) {
    const pieces = decoder.write(chunk).split('\n');
    const last = pieces.pop() ?? '';
    for (const piece of pieces) {
      const line = parts.join('') + piece;
      parts = [];
      length = 0;
      if (line !== '') yield line;
    }
    parts.push(last);
    length += last.length;
    if (length > limit) throw tooLarge(operation, limit);
  }
}

/**
 * Parses an answer. The parser's own error is left out: it quotes the text, which may be a Secret.
 *
 * @throws {ConnectionError} when it is not what an API server sends
 */
export function parseAnswer(
  text: string,
  operation: string,
  isExpected: (value: object) => boolean,
): object {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    value = undefined;
  }
  if (typeof value === 'object' && value !== null && isExpected(value)) return value;
  throw new ConnectionError({
    status: 0,
    reason: 'MalformedAnswer',
    message: `${operation}: the answer is not what an API server sends`,
  });
}

function tooLarge(operation: string, limit: number): ResponseTooLargeError {
  return new ResponseTooLargeError({
    status: 0,
    reason: 'ResponseTooLarge',
    message: `${operation}: the answer is larger than ${limit} bytes`,
  });
}
