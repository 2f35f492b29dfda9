import { z } from 'zod';
import { NotFoundError } from '../../errors.ts';
import { Run } from '../../models/run.ts';
import { parseLastEventId } from '../../run-logs/server-sent-events.ts';
import type { RunLogs } from '../../run-logs/run-logs.ts';
import { memberRoute, type Reply, type Route } from '../route.ts';
import { loadRequest } from './load-request.ts';
import { oneRun } from './schema.ts';

const NOT_KEPT = { 'Cache-Control': 'no-store' };

/** `GET /resource-requests/{id}/runs/{run}/log` */
function showLog(logs: RunLogs): Route {
  return memberRoute({
    method: 'get',
    path: '/resource-requests/{id}/runs/{run}/log',
    summary: 'The log of a run',
    description:
      'As text; or, with `Accept: text/event-stream`, as server-sent events while the run is on. ' +
      'The id of an event is the number of its line: with `Last-Event-ID` a reader goes on there. ' +
      'The event `end` says that nothing will come any more.',
    tag: 'Resource requests',
    params: oneRun,
    types: ['text/plain', 'text/event-stream'],
    problems: ['TOO_MANY_STREAMS'],
    responses: { 200: z.string() },
    handle: async (call) => {
      const request = await loadRequest(call);
      const run = await Run.of(call.trx, request).findOne({ name: call.input.params.run });
      if (!run) throw new NotFoundError('There is no such run.');
      const { accept, lastEventId } = call.request;
      const isOver = run.status === 'succeeded' || run.status === 'failed';
      if (!accept.includes('text/event-stream')) return replyWithText(logs, run.name);
      if (isOver) await requireLog(logs, run.name);
      const body = logs.openStream(run.name, parseLastEventId(lastEventId));
      // nginx would otherwise collect the lines before it passes them on.
      const headers = { ...NOT_KEPT, 'X-Accel-Buffering': 'no' };
      return { status: 200, body, type: 'text/event-stream', headers };
    },
  });
}

async function replyWithText(logs: RunLogs, run: string): Promise<Reply> {
  const body = await requireLog(logs, run);
  return { status: 200, body, type: 'text/plain; charset=utf-8', headers: NOT_KEPT };
}

/** @throws {NotFoundError} where there is none: not yet, or not any more */
async function requireLog(logs: RunLogs, run: string): Promise<string> {
  const text = await logs.readText(run);
  if (text === undefined) throw new NotFoundError('There is no log of this run.');
  return text;
}

/** The routes of this file. */
export function requestLogRoutes(logs: RunLogs): readonly Route[] {
  return [showLog(logs)];
}
