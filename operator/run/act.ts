import type { Failure } from '../../crds/failure.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { AlreadyExistsError, ForbiddenError, InvalidError } from '../../lib/kube/errors.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import type { ResourceType } from '../../lib/kube/resource-types.ts';
import { buildAccessSecret } from './build-access-secret.ts';
import { buildJob, isJobOf } from './build-job.ts';
import type { RunDecision } from './decide.ts';
import type { RunReconcilerDeps } from './deps.ts';
import type { Job } from './objects.ts';
import type { RunObservation } from './observation.ts';
import { findSpentPlan } from './spent-plan.ts';

/**
 * Does what was decided, except for the status.
 *
 * @returns what was done, which is what the status then says; it differs where the world did not
 * allow what was decided
 */
export async function actOnRun(
  deps: RunReconcilerDeps,
  { run, job }: RunObservation,
  decision: RunDecision,
): Promise<RunDecision> {
  switch (decision.kind) {
    case 'start-job': {
      const done = await startJob(deps, run);
      if (done.kind === 'fail') await explainEnd(deps, run, done.failure);
      return done;
    }
    case 'adopt-job':
      // Whoever made the Job may have ended before its Secret was there.
      await createAccess(deps, run);
      return decision;
    case 'fail':
      if (decision.mayHoldLock) await breakLock(deps, run);
      await explainEnd(deps, run, decision.failure);
      return decision;
    case 'clean-up':
      await completeLog(deps, run);
      await cleanUp(deps, run, job);
      return decision;
    default:
      return decision;
  }
}

function explainEnd(deps: RunReconcilerDeps, run: ResourceRun, failure: Failure): Promise<void> {
  return completeLog(deps, run, `the run failed (${failure.type}): ${failure.message}`);
}

/** A log that nobody lets us write must not keep the run from its end. */
async function completeLog(
  deps: RunReconcilerDeps,
  run: ResourceRun,
  lastLine?: string,
): Promise<void> {
  try {
    await deps.completeLog(run, lastLine);
  } catch (error) {
    if (!(error instanceof ForbiddenError || error instanceof InvalidError)) throw error;
    deps.log.warn('the log of a run could not be completed', { run: run.metadata.name, error });
  }
}

/**
 * Both at once: until the Job has a pod, and that pod a node that asks for its Secret, it is there. Both
 * have the run's name, so twice is once.
 */
async function startJob(deps: RunReconcilerDeps, run: ResourceRun): Promise<RunDecision> {
  const { client, runnerImage: image, runnerPullSecrets: pullSecrets } = deps;
  const spec = await deps.readRevision(run.spec.classRevision);
  if (spec === undefined) {
    return failed(`The class revision ${run.spec.classRevision} is gone.`);
  }
  const job = buildJob({ run, spec, image, pullSecrets });
  const [isMade] = await Promise.all([
    createOnce(deps, RESOURCE_TYPES.jobs, job),
    createAccess(deps, run),
  ]);
  if (isMade) return { kind: 'start-job' };
  const existing = await client.get<Job>(RESOURCE_TYPES.jobs, run.metadata);
  return existing === undefined || isJobOf(existing, run)
    ? { kind: 'adopt-job' }
    : failed(`There is a Job "${run.metadata.name}" that is not ours.`);
}

async function createAccess(deps: RunReconcilerDeps, run: ResourceRun): Promise<void> {
  const access = await deps.issueRunAccess(run);
  await createOnce(deps, RESOURCE_TYPES.secrets, buildAccessSecret(run, access));
}

async function createOnce(
  { client }: RunReconcilerDeps,
  type: ResourceType,
  object: KubeObject,
): Promise<boolean> {
  try {
    await client.create(type, object);
    return true;
  } catch (error) {
    if (error instanceof AlreadyExistsError) return false;
    throw error;
  }
}

async function breakLock(deps: RunReconcilerDeps, run: ResourceRun): Promise<void> {
  const { name } = run.metadata;
  const isBroken = await deps.releaseLock(run.spec.requestRef.uid, name);
  if (isBroken) deps.log.warn('broke the state lock of a run whose pod is gone', { run: name });
}

/** The Job last: as long as it is there, this is done again. */
async function cleanUp(
  deps: RunReconcilerDeps,
  run: ResourceRun,
  job: Job | undefined,
): Promise<void> {
  const spentPlan = findSpentPlan(run);
  if (spentPlan !== undefined) await deps.removePlan(spentPlan);
  await deps.client.delete(RESOURCE_TYPES.secrets, run.metadata);
  if (job) await deps.client.delete(RESOURCE_TYPES.jobs, job.metadata, { uid: job.metadata.uid });
}

function failed(message: string): RunDecision {
  return { kind: 'fail', failure: { type: 'Internal', message }, mayHoldLock: false };
}
