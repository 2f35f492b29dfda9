import type { ResourceRun } from '../../crds/resource-run.ts';
import { RESOURCE_RUNS } from '../../crds/resource-types.ts';
import { toError } from '../../lib/errors.ts';
import { OPERATOR_ANNOTATIONS } from '../constants.ts';
import type { LockAnswer, LockHolder } from '../state/lock-holder.ts';
import { retryOnConflict } from '../state/retry-on-conflict.ts';
import { writeStatus } from '../write-status.ts';
import { describeLog } from './describe-log.ts';
import { hasFinished, readStanding } from './authenticate.ts';
import { RunApiError } from './errors.ts';
import type { RunApiDeps } from './run-context.ts';
import type { ReportedResult } from './run-result.ts';
import { statusOfResult } from './status-of-result.ts';

/**
 * Records what a run ended with: outputs and the end of the log first, and the secret values that it applied, then the
 * lock, then the status, which wakes the controllers. Every step can be repeated, so a runner that
 * got no answer simply reports again.
 *
 * @throws {RunApiError} 409 if the caller is not the process that the run belongs to, 410 if the run has finished
 */
export async function recordResult(
  deps: RunApiDeps,
  run: ResourceRun,
  holder: LockHolder,
  result: ReportedResult,
): Promise<void> {
  const { uid } = run.spec.requestRef;
  const [standing, lock] = await Promise.all([
    readStanding(deps, run),
    deps.stores.lock.look(uid, holder),
  ]);
  assertMayReport(lock.answer, result);
  await assertPlanKept(deps, run, result);
  const [isLogKept] = await Promise.all([
    keepLog(deps, run, result),
    keepOutputs(deps, run, result),
  ]);
  await deps.stores.lock.release(
    uid,
    ({ run: name, instance }) => name === holder.run && instance === holder.instance,
    lock,
  );
  await writeResult(deps, standing, result);
  if (!isLogKept) await completeLog(deps, run);
}

async function keepOutputs(
  deps: RunApiDeps,
  run: ResourceRun,
  { outcome, outputs = { values: {}, sensitive: [] } }: ReportedResult,
): Promise<void> {
  if (outcome !== 'succeeded' || run.spec.action !== 'Apply') return;
  await deps.stores.outputs.write(run.spec.requestRef.uid, outputs);
  await adoptRotation(deps, run);
}

/** A result is worth more than the end of its log. @returns whether the log is complete */
async function keepLog(
  { stores, log }: RunApiDeps,
  run: ResourceRun,
  { log: part }: ReportedResult,
): Promise<boolean> {
  if (part === undefined) return false;
  try {
    await stores.logs.finish(describeLog(run), part.sequence, part.text);
    return true;
  } catch (error) {
    const { name } = run.metadata;
    log.warn('the end of the log of a run was not kept', { run: name, error: toError(error) });
    return false;
  }
}

/** After the status, which others wait for. The run controller makes up for it where this fails. */
async function completeLog({ stores, log }: RunApiDeps, run: ResourceRun): Promise<void> {
  try {
    await stores.logs.complete(describeLog(run));
  } catch (error) {
    const { name } = run.metadata;
    log.warn('the log of a run is not complete yet', { run: name, error: toError(error) });
  }
}

/** A plan that nobody handed over cannot be approved. */
async function assertPlanKept(
  { stores }: RunApiDeps,
  run: ResourceRun,
  { planDigest }: ReportedResult,
): Promise<void> {
  if (planDigest === undefined) return;
  const plan = await stores.plans.find(planDigest);
  if (plan?.run === run.metadata.name) return;
  throw new RunApiError(409, 'PLAN_UNKNOWN', 'the run handed over no plan of that digest');
}

/** What was made for a rotation is in force from now on. */
async function adoptRotation({ stores }: RunApiDeps, run: ResourceRun): Promise<void> {
  const rotation = run.metadata.annotations?.[OPERATOR_ANNOTATIONS.rotation];
  if (rotation !== undefined) await stores.generated.adopt(run.spec.requestRef.uid, rotation);
}

/** A process that never got the state can only say that it failed. */
function assertMayReport({ kind }: LockAnswer, result: ReportedResult): void {
  if (kind === 'held' || kind === 'returned') return;
  if (kind !== 'started' && result.outcome === 'failed') return;
  throw new RunApiError(409, 'NOT_THE_RUNNER', 'the run belongs to another process');
}

/** The operator writes the same status; whoever was first is kept. */
async function writeResult(
  deps: RunApiDeps,
  run: ResourceRun,
  result: ReportedResult,
): Promise<void> {
  let current: ResourceRun | undefined = run;
  await retryOnConflict(async () => {
    const object = current ?? (await readAgain(deps, run));
    current = undefined;
    const status = statusOfResult(object, result, deps.clock.now());
    await writeStatus(deps.client, RESOURCE_RUNS, object, status);
  });
}

async function readAgain(deps: RunApiDeps, run: ResourceRun): Promise<ResourceRun> {
  const key = { namespace: deps.namespace, name: run.metadata.name };
  const found = await deps.client.get<ResourceRun>(RESOURCE_RUNS, key);
  if (found?.metadata.uid !== run.metadata.uid || found === undefined || hasFinished(found)) {
    throw new RunApiError(410, 'RUN_FINISHED', 'the run has finished');
  }
  return found;
}
