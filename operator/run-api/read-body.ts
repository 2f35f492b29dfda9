import type { z } from 'zod';
import { RunApiError } from './errors.ts';
import type { RunContext } from './run-context.ts';

/** Largest bodies that are taken, by what they are. */
export const BODY_LIMITS = {
  message: 16 * 1024,
  log: 1024 * 1024,
  result: 4 * 1024 * 1024,
  plan: 128 * 1024 * 1024,
  state: 128 * 1024 * 1024,
} as const;

/**
 * The body of a call, read to its end.
 *
 * @throws {RunApiError} 413 as soon as it is longer than allowed
 */
export async function readBody(context: RunContext, limit: number): Promise<Buffer> {
  if (Number(context.get('Content-Length')) > limit) throw tooLarge(limit);
  const parts: Buffer[] = [];
  let size = 0;
  for await (const part of context.req as AsyncIterable<Buffer>) {
    size += part.length;
    if (size > limit) throw tooLarge(limit);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/**
 * The body of a call as JSON of a known form.
 *
 * @throws {RunApiError} 400 that names the fields, never their values; 413 if it is too long
 */
export async function readJson<T extends z.ZodType>(
  context: RunContext,
  schema: T,
  limit: number,
): Promise<z.output<T>> {
  const text = (await readBody(context, limit)).toString('utf8');
  const parsed = schema.safeParse(parseJson(text));
  if (parsed.success) return parsed.data;
  const fields = parsed.error.issues.map((issue) => issue.path.join('.') || '(body)');
  throw new RunApiError(400, 'INVALID_BODY', `not as expected: ${fields.join(', ')}`);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    throw new RunApiError(400, 'INVALID_BODY', 'the body is not JSON');
  }
}

function tooLarge(limit: number): RunApiError {
  return new RunApiError(413, 'BODY_TOO_LARGE', `the body is longer than ${limit} bytes`);
}
