import type { Context, Next } from 'koa';
import { toError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { AlreadyStartedError, StateLockedError, StateLockLostError } from '../state/errors.ts';
import { InvalidRunInputsError, RunApiError } from './errors.ts';

/** What a refused call is told. */
interface Refusal {
  status: number;
  code: string;
  detail: string;
}

/**
 * The one place where errors become answers (`application/problem+json`, RFC 9457). What is not
 * ours to explain becomes a 500 with nothing inside; the runner tries those again.
 */
export function handleErrors(log: Logger) {
  return async (context: Context, next: Next): Promise<void> => {
    try {
      await next();
      if (context.status === 404 && context.body === undefined) {
        throw new RunApiError(404, 'NOT_FOUND', 'there is nothing here');
      }
    } catch (thrown) {
      const refusal = findRefusal(thrown);
      if (refusal === undefined) log.error('the run API failed', { error: toError(thrown) });
      answer(context, refusal ?? { status: 500, code: 'INTERNAL', detail: 'it failed' });
    }
  };
}

function findRefusal(thrown: unknown): Refusal | undefined {
  if (thrown instanceof RunApiError) {
    return { status: thrown.status, code: thrown.code, detail: thrown.message };
  }
  if (thrown instanceof StateLockedError) return refuse(423, thrown);
  if (thrown instanceof AlreadyStartedError) return refuse(409, thrown);
  if (thrown instanceof StateLockLostError) return refuse(409, thrown);
  if (thrown instanceof InvalidRunInputsError) return refuse(422, thrown);
  return undefined;
}

function refuse(status: number, error: Error & { code: string }): Refusal {
  return { status, code: error.code, detail: error.message };
}

function answer(context: Context, { status, code, detail }: Refusal): void {
  context.status = status;
  context.type = 'application/problem+json';
  if (status === 401) context.set('WWW-Authenticate', 'Basic realm="quartermaster-run-api"');
  // An unread body would keep the connection busy.
  if (!context.req.complete) context.set('Connection', 'close');
  context.body = JSON.stringify({ type: 'about:blank', title: code, status, code, detail });
}
