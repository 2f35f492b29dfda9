import type { Middleware } from 'koa';
import { v7 as uuid } from 'uuid';
import { beginSpan, parseTraceparent, runInTrace } from '../../lib/trace-context.ts';
import type { Dependencies } from '../deps.ts';
import { describeCall } from '../telemetry/describe-call.ts';
import { startRequestState, type RequestState } from './request-state.ts';

/** Ids that are safe to repeat in headers, logs and rows. */
const ACCEPTABLE = /^[A-Za-z0-9._:/+=-]{1,128}$/;

type RequestIdDependencies = Pick<Dependencies, 'log' | 'clock' | 'spans'>;

/**
 * The outermost middleware: gives each request its id (one that came in is kept), says it in the
 * answer, and writes one log line when the answer is out. All of it is part of the trace that the
 * caller says (`traceparent`), or of one of its own.
 */
export function requestId({ log, clock, spans }: RequestIdDependencies): Middleware {
  const samples = (traceId: string): boolean => spans?.samples(traceId) ?? false;
  return async (ctx, next) => {
    const startedAt = clock.now();
    const started = startedAt.getTime();
    const given = ctx.get('x-request-id');
    const id = ACCEPTABLE.test(given) ? given : uuid();
    const parent = parseTraceparent(ctx.get('traceparent'));
    const trace = beginSpan(parent, samples);
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
      spans?.record({
        ...{ trace, parentSpanId: parent?.spanId, startedAt, endedAt: clock.now() },
        ...describeCall(ctx),
      });
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
