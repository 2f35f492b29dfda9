import { deletionDigest } from '../../crds/approval.ts';
import { needsDeletionApproval } from '../../crds/preview.ts';
import { resourceClassSpecSchema, type ResourceClassSpec } from '../../crds/resource-class.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { isReleasable } from './decide-deletion.ts';
import type { RequestReconcilerDeps } from './deps.ts';
import type { ApprovedPlan, RequestObservation } from './observation.ts';
import { lookAtPlan } from './observe-approval.ts';
import { observeLeftovers } from './observe-leftovers.ts';
import { recordedDeletionPolicy } from './decide-plan.ts';
import { lastRun } from './runs.ts';

type ApprovalRule = ResourceClassSpec['approval'];

/** What the decision about a request that is being deleted rests on besides. */
export async function observeDeletion(
  deps: RequestReconcilerDeps,
  seen: RequestObservation,
): Promise<RequestObservation> {
  if (isReleasable(seen)) return { ...seen, leftovers: await observeLeftovers(deps, seen) };
  const made = lastRun(seen.runs, 'Apply');
  if (made === undefined || recordedDeletionPolicy(made) === 'Retain') return seen;
  const deletionRule = await readRule(deps, seen, made);
  if (deletionRule === undefined || !needsDeletionApproval({ approval: deletionRule })) return seen;
  const signed = await deps.approvals.keys.examine(seen.request.spec.approval);
  // What is signed names the uid, so nobody else can have used it.
  const approval = signed.kind === 'signed' ? { ...signed, usedBy: undefined } : signed;
  const observation = { ...seen, deletionRule, approval };
  return { ...observation, approvedPlan: await observePlan(deps, observation, made) };
}

/**
 * The rule of the class as it stands, even if it cannot be used for anything new; of a class that is
 * gone, that of the revision that was applied. A tenant can write neither.
 */
async function readRule(
  { caches, stores }: RequestReconcilerDeps,
  { request }: RequestObservation,
  made: ResourceRun,
): Promise<ApprovalRule | undefined> {
  const found = resourceClassSpecSchema.safeParse(caches.classes.get(request.spec.className)?.spec);
  if (found.success) return found.data.approval;
  return (await stores.readRevision(made.spec.classRevision))?.approval;
}

async function observePlan(
  deps: RequestReconcilerDeps,
  { approval, deletionRule, request, now }: RequestObservation,
  made: ResourceRun,
): Promise<ApprovedPlan | undefined> {
  const planDigest = approval.kind === 'signed' ? approval.claims.plan : undefined;
  if (planDigest === undefined || deletionRule === undefined) return undefined;
  const { name, namespace = '', uid = '' } = request.metadata;
  return lookAtPlan(deps, planDigest, {
    ...{ request, now, rule: deletionRule, classRevision: made.spec.classRevision },
    inputsDigest: deletionDigest({ namespace, name, uid }),
  });
}
