import { bodyParser } from '@koa/bodyparser';
import type { Middleware } from 'koa';
import {
  type ApiError,
  BadRequestError,
  BodyTooLargeError,
  UnsupportedMediaTypeError,
} from '../errors.ts';
import { requestState } from './request-state.ts';

/** Longest body that is read, in bytes. */
export const BODY_LIMIT = 1024 * 1024;

const parse = bodyParser({
  enableTypes: ['json'],
  jsonLimit: BODY_LIMIT,
  onError: (error) => {
    throw error;
  },
});

/**
 * Reads a JSON body. A fault is kept, not thrown: the caller's token is judged first, and that
 * needs a transaction, which must not wait for a slow body.
 */
export const readBody: Middleware = async (ctx, next) => {
  const fault = await parseBody(ctx);
  if (fault) requestState(ctx).bodyFault = fault;
  await next();
};

async function parseBody(ctx: Parameters<Middleware>[0]): Promise<ApiError | undefined> {
  // `Content-Length: 0` without a type is how many clients send a POST that has no body.
  if (ctx.request.length === 0) return undefined;
  // Null: no body at all; false: a body of another type.
  if (ctx.request.is('application/json') === false) return new UnsupportedMediaTypeError();
  try {
    await parse(ctx, () => Promise.resolve());
    return undefined;
  } catch (error) {
    return toBodyFault(error);
  }
}

function toBodyFault(error: unknown): ApiError {
  const { status } = error as { status?: unknown };
  if (status === 413) return new BodyTooLargeError(BODY_LIMIT);
  if (status === 415) return new UnsupportedMediaTypeError();
  return new BadRequestError('The body is not a JSON object.', 'MALFORMED_BODY', { cause: error });
}
