import { needsApproval } from '../../crds/preview.ts';
import type { ResourceClassSpec } from '../../crds/resource-class.ts';
import { parseDuration } from '../../lib/duration.ts';
import { readProject } from '../read-project.ts';
import { judgePlan, type PlanQuestion } from '../state/judge-plan.ts';
import { bringsAnotherPlan } from './claimed-plan.ts';
import type { SignedApproval } from './approval-keys.ts';
import { currentInputs } from './decide-plan.ts';
import type { RequestReconcilerDeps } from './deps.ts';
import type { ApprovalEvidence, ApprovedPlan, RequestObservation } from './observation.ts';
import { isRunAskedFor, lastRun } from './runs.ts';
import { appliedClassDigest, isInSync } from './sync.ts';

type Seen = Pick<RequestObservation, 'approval' | 'approvedPlan' | 'project'>;
type Signed = Extract<SignedApproval, { kind: 'signed' }>;

/**
 * The approval in a request, who used it and the plan that it is bound to: as far as they may start a
 * run, since at rest and while something is being applied they decide nothing.
 */
export async function observeApproval(
  deps: RequestReconcilerDeps,
  observation: RequestObservation,
): Promise<Seen> {
  const { approval } = observation;
  if (!mayStartRun(observation)) return { approval };
  const signed = await deps.approvals.keys.examine(observation.request.spec.approval);
  if (signed.kind !== 'signed') return { approval: signed };
  if (isApplying(observation)) return { approval: { ...signed, usedBy: undefined } };
  const [evidence, approvedPlan, project] = await Promise.all([
    observeUser(deps, observation, signed),
    observePlan(deps, observation, signed),
    readProject(deps.client, observation.request.metadata.namespace ?? ''),
  ]);
  return { approval: evidence, approvedPlan, project };
}

/** A plan that an approval is bound to, judged as it will be judged once more under the lock. */
export async function lookAtPlan(
  { stores }: Pick<RequestReconcilerDeps, 'stores'>,
  planDigest: string,
  question: Omit<PlanQuestion, 'stateVersion' | 'lifetimeMs' | 'request'> & {
    request: RequestObservation['request'];
    rule: ResourceClassSpec['approval'];
  },
): Promise<ApprovedPlan> {
  const { name, namespace = '', uid = '' } = question.request.metadata;
  const { expiresAfter } = question.rule;
  const [plan, stateVersion] = await Promise.all([
    stores.findPlan(planDigest),
    stores.readStateVersion(uid),
  ]);
  const problem = judgePlan(plan, {
    ...question,
    ...{ request: { namespace, name }, stateVersion },
    lifetimeMs: expiresAfter === undefined ? Infinity : parseDuration(expiresAfter),
  });
  return { planDigest, problem };
}

/** What runs as it was approved, with the class as it is now, needs no look at the approval. */
function mayStartRun(observation: RequestObservation): boolean {
  const { resourceClass, request, runs } = observation;
  if (resourceClass.kind !== 'ready' || !needsApproval(resourceClass.spec)) return false;
  if (!isInSync(observation) || isRunAskedFor(request, lastRun(runs))) return true;
  if (bringsAnotherPlan(observation)) return true;
  return resourceClass.digest !== appliedClassDigest(observation);
}

/** Whether an apply was made: it is waited for, and then recorded, whatever was approved. */
function isApplying({ request, runs }: RequestObservation): boolean {
  const current = request.status?.run?.name;
  return runs.some(({ metadata, spec }) => metadata.name === current && spec.action === 'Apply');
}

/** Who used it matters, and is looked up, only where the approval may start a run. */
async function observeUser(
  { approvals }: RequestReconcilerDeps,
  observation: RequestObservation,
  signed: Signed,
): Promise<ApprovalEvidence> {
  const { resourceClass } = observation;
  const isForThisClass =
    resourceClass.kind === 'ready' && signed.claims.class === resourceClass.digest;
  if (!isForThisClass && isInSync(observation)) return { ...signed, usedBy: undefined };
  return { ...signed, usedBy: await approvals.ledger.findUser(signed.claims.jti) };
}

async function observePlan(
  deps: RequestReconcilerDeps,
  observation: RequestObservation,
  { claims }: Signed,
): Promise<ApprovedPlan | undefined> {
  const { resourceClass, request, now } = observation;
  if (claims.plan === undefined || resourceClass.kind !== 'ready') return undefined;
  return lookAtPlan(deps, claims.plan, {
    ...{ request, now, rule: resourceClass.spec.approval },
    inputsDigest: currentInputs(observation, resourceClass.digest),
    classRevision: resourceClass.revisionName,
  });
}
