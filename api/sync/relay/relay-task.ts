import { z } from 'zod';
import type { Clock } from '../../../lib/clock.ts';
import type { Logger } from '../../../lib/logger.ts';
import type { SpanSink } from '../../../lib/span-sink.ts';
import { beginSpan, parseTraceparent, runInTrace } from '../../../lib/trace-context.ts';
import type { Database } from '../../db/database.ts';
import { recordPlanRefused } from '../plans/record-plan.ts';
import { recordRelayFailure } from '../synced-request-writes.ts';
import { deletionPauseMs, judgeRelayError } from './judge-relay-error.ts';
import type { OutboxQueue, OutboxTask } from './outbox-queue.ts';
import type { ProjectNamespaces } from './project-namespaces.ts';
import type { PlanRelay } from '../plans/plan-relay.ts';
import type { CarryOverResult, RequestRelay } from './request-relay.ts';
import { toError } from '../../../lib/errors.ts';

const namespacePayload = z.object({
  organization_slug: z.string(),
  project_slug: z.string(),
  namespace: z.string(),
});
/** The trace of the decision, which the work is part of. */
const tracePayload = z.object({ traceparent: z.string().optional() });
const requestPayload = z.object({ reconcile_at: z.iso.datetime().optional() });

/** What one task of the outbox is done with. */
export interface TaskDependencies {
  queue: OutboxQueue;
  database: Database;
  requests: RequestRelay;
  plans: PlanRelay;
  namespaces: ProjectNamespaces;
  log: Logger;
  clock: Clock;
  /** Where traces go. */
  spans?: SpanSink | undefined;
}

/**
 * Does one task and settles it: done, later, or given up with the failure shown on the request.
 * Never rejects for what Kubernetes answers; rejects if the database cannot be written, and then
 * the lease runs out and the task is done again.
 */
export async function settleTask(task: OutboxTask, dependencies: TaskDependencies): Promise<void> {
  const { clock, spans } = dependencies;
  const { traceparent } = tracePayload.parse(task.payload);
  const parent = parseTraceparent(traceparent);
  const trace = beginSpan(parent, (traceId) => spans?.samples(traceId) ?? false);
  const log = dependencies.log.child({ trace_id: trace.traceId, span_id: trace.spanId });
  const startedAt = clock.now();
  const outcome = await runInTrace(trace, () => settle(task, { ...dependencies, log }));
  // A deletion may take days, and is looked at all the time.
  if (outcome === 'waiting' && task.attempts > 1) return;
  spans?.record({
    ...{ trace, parentSpanId: parent?.spanId, kind: 'consumer', name: `relay ${task.kind}` },
    ...{ startedAt, endedAt: clock.now(), isError: outcome === 'failed' },
    attributes: {
      ...{ 'messaging.system': 'postgresql', 'messaging.destination.name': 'outbox' },
      ...{ 'quartermaster.outbox.key': task.key, 'quartermaster.outbox.attempt': task.attempts },
    },
  });
}

/** @returns `failed`: put off or given up */
async function settle(
  task: OutboxTask,
  dependencies: TaskDependencies,
): Promise<CarryOverResult | 'failed'> {
  let result: CarryOverResult;
  try {
    result = await performTask(task, dependencies);
  } catch (error) {
    await settleFailure(task, error, dependencies);
    return 'failed';
  }
  const { queue } = dependencies;
  if (result === 'done') await queue.complete(task.id);
  else await queue.retry(task.id, deletionPauseMs(task.attempts), null);
  return result;
}

async function performTask(
  task: OutboxTask,
  dependencies: TaskDependencies,
): Promise<CarryOverResult> {
  const { requests, plans, namespaces } = dependencies;
  switch (task.kind) {
    case 'namespace':
      await namespaces.apply(readProject(task));
      return 'done';
    case 'namespace-removal':
      await namespaces.remove(readProject(task));
      return 'done';
    case 'resource-request':
    case 'resource-request-removal':
      // The same work: the row of the request says what is wanted now.
      return requests.carryOver(task.key, requestPayload.parse(task.payload).reconcile_at);
    case 'plan':
      await plans.carryOver(task.key);
      return 'done';
  }
}

function readProject(task: OutboxTask): Parameters<ProjectNamespaces['apply']>[0] {
  const payload = namespacePayload.parse(task.payload);
  return {
    namespace: payload.namespace,
    organizationSlug: payload.organization_slug,
    projectSlug: payload.project_slug,
  };
}

async function settleFailure(
  task: OutboxTask,
  thrown: unknown,
  { queue, database, log }: TaskDependencies,
): Promise<void> {
  const error = toError(thrown);
  const verdict = judgeRelayError(error, task.attempts, Math.random());
  const fields = { task: task.id, kind: task.kind, key: task.key, attempts: task.attempts, error };
  if (verdict.kind === 'later') {
    log.warn('a write to Kubernetes is tried again', { ...fields, delayMs: verdict.delayMs });
    return queue.retry(task.id, verdict.delayMs, error.message);
  }
  if (verdict.alarm) log.error('Kubernetes holds something that is not ours', fields);
  else log.warn('Kubernetes refuses what was requested', fields);
  if (task.kind === 'resource-request') {
    await recordRelayFailure(database, task.key, verdict.failure);
  }
  if (task.kind === 'plan') await recordPlanRefused(database, task.key, verdict.failure);
  return queue.bury(task.id, error.message);
}
