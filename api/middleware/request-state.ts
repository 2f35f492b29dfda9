import type { Context } from 'koa';
import type { ApiError } from '../errors.ts';
import type { RequestInfo } from '../routes/route.ts';

/** What our middleware keeps with a request. */
export interface RequestState {
  info: RequestInfo;
  /** What is wrong with the body; judged after the token. */
  bodyFault?: ApiError;
  /** Who called, for the access log. */
  userId?: string;
  /** With which key, for the access log. */
  apiKeyId?: string;
}

const states = new WeakMap<object, RequestState>();

/** Starts the state of a request; once, by the outermost middleware. */
export function startRequestState(ctx: Pick<Context, 'req'>, state: RequestState): void {
  states.set(ctx.req, state);
}

/**
 * The state of a request.
 *
 * @throws {TypeError} when the request did not pass the outermost middleware
 */
export function requestState(ctx: Pick<Context, 'req'>): RequestState {
  const state = states.get(ctx.req);
  if (!state) throw new TypeError('the request has no state');
  return state;
}
