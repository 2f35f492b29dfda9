import { STATUS_CODES } from 'node:http';
import type { Context, Middleware } from 'koa';
import { toError } from '../../lib/errors.ts';
import type { ApiError } from '../errors.ts';
import { toApiError } from './to-api-error.ts';
import { requestState } from './request-state.ts';

/** A problem details object, RFC 9457. */
export interface Problem {
  type: string;
  title: string;
  status: number;
  detail: string;
  instance: string;
  code: string;
  errors?: { pointer: string; message: string }[];
  /** What an error says besides (RFC 9457 §3.2). */
  [member: string]: unknown;
}

/**
 * The one boundary between errors and answers: what we threw on purpose is told, everything else
 * is 500 with nothing of its inside, and logged.
 */
export const errorHandler: Middleware = async (ctx, next) => {
  try {
    await next();
  } catch (thrown) {
    const known = toApiError(thrown);
    if (!known) {
      const { log } = requestState(ctx).info;
      log.error('a request failed unexpectedly', { error: toError(thrown) });
    } else if (known.status >= 500) {
      requestState(ctx).info.log.warn('a request could not be served', { error: known });
    }
    answer(ctx, known);
  }
};

function answer(ctx: Context, error: ApiError | undefined): void {
  ctx.status = error?.status ?? 500;
  if (error) ctx.set(error.headers);
  ctx.body = error ? toProblem(error, ctx.path) : internalProblem(ctx.path);
  ctx.type = 'application/problem+json';
}

/** The problem that an error is shown as. */
export function toProblem(error: ApiError, instance: string): Problem {
  const problem = {
    ...error.members,
    type: `urn:quartermaster:problem:${error.code.toLowerCase().replaceAll('_', '-')}`,
    title: STATUS_CODES[error.status] ?? 'Error',
    status: error.status,
    detail: error.message,
    instance,
    code: error.code,
  };
  return error.faults.length > 0 ? { ...problem, errors: [...error.faults] } : problem;
}

function internalProblem(instance: string): Problem {
  return {
    type: 'urn:quartermaster:problem:internal',
    title: 'Internal Server Error',
    status: 500,
    detail: 'Something went wrong on our side; the log has it under the id of this request.',
    instance,
    code: 'INTERNAL',
  };
}
