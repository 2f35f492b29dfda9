import type { z } from 'zod';
import { NotFoundError, ValidationFailedError, type InputFault } from '../errors.ts';

/** The schemas of a route's input; use `z.strictObject`, so that unknown fields are refused. */
export interface Shape {
  params?: z.ZodObject;
  query?: z.ZodObject;
  body?: z.ZodType;
}

/** The same with the schemas' own types, so that handlers get typed input. */
export interface Schemas<P, Q, B> {
  params?: P;
  query?: Q;
  body?: B;
}

/** What a handler gets: only what its schemas say. */
export interface Input<P, Q, B> {
  params: Parsed<P>;
  query: Parsed<Q>;
  body: Parsed<B>;
}

type Parsed<T> = T extends z.ZodType ? z.output<T> : undefined;

/** The input as it came in. */
export interface RawInput {
  params: Record<string, string>;
  query: Record<string, string | string[] | undefined>;
  body: unknown;
}

/**
 * Checks an input against the schemas of its route.
 *
 * @throws {NotFoundError} for a malformed path parameter: no such thing can exist
 * @throws {ValidationFailedError} with all faults of query and body
 */
export function parseInput<P, Q, B>(shape: Shape, raw: RawInput): Input<P, Q, B> {
  const params = shape.params?.safeParse(raw.params);
  if (params?.success === false) throw new NotFoundError();
  const query = shape.query?.safeParse(raw.query);
  const body = shape.body?.safeParse(raw.body);
  const faults = [...faultsOf(query), ...faultsOf(body)];
  if (faults.length > 0) throw new ValidationFailedError(faults);
  // P, Q and B are the types of these schemas; that is lost where they stand in optional fields.
  return { params: params?.data, query: query?.data, body: body?.data } as Input<P, Q, B>;
}

function faultsOf(result: z.ZodSafeParseResult<unknown> | undefined): InputFault[] {
  return result?.success === false ? result.error.issues.flatMap(toFaults) : [];
}

function toFaults(issue: z.core.$ZodIssue): InputFault[] {
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      pointer: toPointer([...issue.path, key]),
      message: 'This field is not known here.',
    }));
  }
  return [{ pointer: toPointer(issue.path), message: issue.message }];
}

/** A path as a JSON pointer (RFC 6901). */
export function toPointer(path: readonly PropertyKey[]): string {
  return path
    .map((part) => `/${String(part).replaceAll('~', '~0').replaceAll('/', '~1')}`)
    .join('');
}
