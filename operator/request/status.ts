import { isDeepStrictEqual } from 'node:util';
import type { ApprovalClaims } from '../../crds/approval.ts';
import { setCondition } from '../../crds/condition.ts';
import type { ResourceRequestStatus } from '../../crds/resource-request.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import type { PlannedRun, RequestDecision } from './decision.ts';
import type { RequestObservation } from './observation.ts';
import { recordApplied } from './record-applied.ts';
import { statements } from './status-conditions.ts';
import { tellDecision } from './status-told.ts';
import { isServing } from './sync.ts';
import { lastRun } from './runs.ts';

/** Decisions that are one step of several: the look that follows at once says how things stand. */
const STEPS: readonly RequestDecision['kind'][] = [
  'ignore',
  'add-finalizer',
  'bind-approval',
  'create-run',
  'withdraw-check',
  'write-credentials',
  'remove-finalizer',
];

/**
 * The next status of a request, or undefined when this decision has nothing to say.
 *
 * What is recorded here is what later decisions rest on: the run in progress, what is applied, the
 * last failure. The rest is for people and for the api.
 */
export function requestStatus(
  observation: RequestObservation,
  decision: RequestDecision,
): ResourceRequestStatus | undefined {
  if (STEPS.includes(decision.kind)) return undefined;
  const { request, now } = observation;
  const records = recordsAfter(request.status ?? {}, decision, now);
  const { binding, outputs } = request.status ?? {};
  const facts = isHeldBack(observation, decision) ? { binding, outputs } : shownFacts(observation);
  const shown = { ...facts, plan: shownPlan(tellDecision(observation, decision)) };
  const generation = request.metadata.generation ?? 0;
  const context = { observedGeneration: generation, now: now.toISOString() };
  let conditions = request.status?.conditions;
  for (const statement of statements(observation, decision)) {
    conditions = setCondition(conditions, statement, context);
  }
  return { ...records, ...shown, observedGeneration: generation, conditions };
}

/** Whether the status differs; a status is only written when it does. */
export function isSameStatus(
  a: ResourceRequestStatus | undefined,
  b: ResourceRequestStatus,
): boolean {
  return isDeepStrictEqual(JSON.parse(JSON.stringify(a ?? {})), JSON.parse(JSON.stringify(b)));
}

/** The parts of the status that decisions rest on. */
function recordsAfter(
  status: ResourceRequestStatus,
  decision: RequestDecision,
  now: Date,
): ResourceRequestStatus {
  switch (decision.kind) {
    case 'intend-run':
      return intendRun(status, decision.run, decision.approval);
    case 'drop-intention':
      return { ...status, run: undefined };
    case 'record-run':
      if (changedNothing(decision)) return { ...status, run: undefined };
      return decision.failure === undefined
        ? recordSuccess(status, decision.run, now)
        : { ...status, run: undefined, failure: decision.failure };
    case 'retain':
      return { ...status, applied: undefined, failure: undefined };
    default:
      return status;
  }
}

/** A look only, or an apply that found its plan outdated before it began. */
function changedNothing({
  run,
  failure,
}: Extract<RequestDecision, { kind: 'record-run' }>): boolean {
  const { action } = run.spec;
  return action === 'Check' || action === 'Plan' || failure?.type === 'PlanOutdated';
}

/**
 * A failure stays until a run succeeds; its `retryAt` stays only while that retry runs, or a plan of
 * it is made for whoever has to agree to it.
 */
function intendRun(
  status: ResourceRequestStatus,
  { name, action, attempt, isRetry }: PlannedRun,
  approval: ApprovalClaims | undefined,
): ResourceRequestStatus {
  const { failure } = status;
  const isRetryOver = !isRetry && action !== 'Plan';
  return {
    ...status,
    run: { name, action, attempt },
    ...(failure && isRetryOver
      ? { failure: { type: failure.type, message: failure.message } }
      : {}),
    ...(approval && {
      approval: {
        approvedBy: approval.name ?? approval.sub,
        approvedAt: new Date(approval.iat * 1000).toISOString(),
        expiresAt: new Date(approval.exp * 1000).toISOString(),
      },
    }),
  };
}

function recordSuccess(
  status: ResourceRequestStatus,
  run: ResourceRun,
  now: Date,
): ResourceRequestStatus {
  return run.spec.action === 'Destroy'
    ? { ...status, run: undefined, failure: undefined, applied: undefined }
    : recordApplied(status, run, now);
}

/** The plan that waits for a decision. */
function shownPlan(decision: RequestDecision): ResourceRequestStatus['plan'] {
  const plan = decision.kind === 'wait' ? decision.plan : undefined;
  const { planDigest, changes } = plan?.status ?? {};
  if (plan === undefined || planDigest === undefined) return undefined;
  return { run: plan.metadata.name, digest: planDigest, ...(changes && { changes }) };
}

/** What the status shows of the applied resource. */
function shownFacts(
  observation: RequestObservation,
): Pick<ResourceRequestStatus, 'binding' | 'outputs'> {
  const { credentials, publicOutputs, request } = observation;
  const isOurs = credentials.kind === 'current' || credentials.kind === 'stale';
  const name = credentials.kind === 'current' ? credentials.name : request.status?.binding?.name;
  return {
    binding: isOurs && name !== undefined ? { name } : undefined,
    outputs: isServing(observation) ? (publicOutputs ?? request.status?.outputs) : undefined,
  };
}

/** As long as nobody has agreed to its deletion, what stands is used. */
function isHeldBack(
  { deletionRule, runs }: RequestObservation,
  decision: RequestDecision,
): boolean {
  const isBegun = decision.kind === 'intend-run' && decision.run.action === 'Destroy';
  return deletionRule !== undefined && !isBegun && lastRun(runs, 'Destroy') === undefined;
}
