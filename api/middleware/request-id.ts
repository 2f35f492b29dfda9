import type { Middleware } from 'koa';
import { v7 as uuid } from 'uuid';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { beginSpan, parseTraceparent, runInTrace } from '../../lib/trace-context.ts';
import { startRequestState, type RequestState } from './request-state.ts';

/** Ids that are safe to repeat in headers, logs and rows. */
const ACCEPTABLE = /^[A-Za-z0-9._:/+=-]{1,128}$/;

/**
 * The outermost middleware: gives each request its id (one that came in is kept), says it in the
 * answer, and writes one log line when the answer is out. All of it is part of the trace that the
 * caller says (`traceparent`), or of one of its own.
 */
export function requestId(log: Logger, clock: Clock): Middleware {
  return async (ctx, next) => {
    const started = clock.now().getTime();
    const given = ctx.get('x-request-id');
    const id = ACCEPTABLE.test(given) ? given : uuid();
    const trace = beginSpan(parseTraceparent(ctx.get('traceparent')));
    const { traceId: trace_id, spanId: span_id } = trace;
    const requestLog = log.child({ request_id: id, trace_id, span_id });
    const ifMatch = ctx.get('if-match') || undefined;
    const wishes = {
      accept: ctx.get('accept'),
      cookie: ctx.get('cookie') || undefined,
      lastEventId: ctx.get('last-event-id') || undefined,
    };
    const state: RequestState = {
      info: { id, address: ctx.ip, ifMatch, log: requestLog, ...wishes },
    };
    startRequestState(ctx, state);
    ctx.set('X-Request-Id', id);
    ctx.res.once('close', () => {
      requestLog.info('request', {
        method: ctx.method,
        // Without the query, which may carry what does not belong in a log.
        path: ctx.path,
        status: ctx.res.writableFinished ? ctx.status : 499,
        duration_ms: clock.now().getTime() - started,
        address: ctx.ip,
        ...(state.userId === undefined ? {} : { user_id: state.userId }),
        ...(state.apiKeyId === undefined ? {} : { api_key_id: state.apiKeyId }),
      });
    });
    await runInTrace(trace, next);
  };
}
