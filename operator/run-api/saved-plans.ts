import type { ResourceRun } from '../../crds/resource-run.ts';
import type { Clock } from '../../lib/clock.ts';
import { PlanAlteredError } from '../state/errors.ts';
import { judgePlan, PLAN_PROBLEMS, type PlanProblem } from '../state/judge-plan.ts';
import type { PlanRecord } from '../state/plan-record.ts';
import type { Stores } from '../state/stores.ts';
import { RunApiError } from './errors.ts';

/** What {@link findSavedPlan} looks at. */
export interface SavedPlanSources {
  stores: Pick<Stores, 'plans' | 'state'>;
  clock: Clock;
}

/**
 * The plan that an Apply run is bound to, after looking whether it may still be applied.
 *
 * The age of a plan is not looked at here: what was approved in time may start late.
 *
 * @returns undefined for a run that is bound to none
 * @throws {RunApiError} 412 that says what differs
 */
export async function findSavedPlan(
  { stores, clock }: SavedPlanSources,
  run: ResourceRun,
): Promise<PlanRecord | undefined> {
  const { planDigest, requestRef, inputsDigest, classRevision, action } = run.spec;
  if (planDigest === undefined || action === 'Plan') return undefined;
  const [plan, index] = await Promise.all([
    stores.plans.look(planDigest),
    stores.state.readIndex(requestRef.uid),
  ]);
  const problem = judgePlan(plan, {
    request: requestRef,
    inputsDigest,
    classRevision,
    stateVersion: index.current,
    lifetimeMs: Infinity,
    now: clock.now(),
  });
  if (problem !== undefined) throw refusePlan(problem);
  return plan === 'altered' ? undefined : plan;
}

/**
 * The file of the plan that an Apply run is bound to. Whoever asks holds the state, so that it cannot
 * move between this look and the apply.
 *
 * @returns undefined for a run that is bound to none
 * @throws {RunApiError} 412 that says what differs
 */
export async function readSavedPlanFile(
  sources: SavedPlanSources,
  run: ResourceRun,
): Promise<Buffer | undefined> {
  const { planDigest } = run.spec;
  if (planDigest === undefined) return undefined;
  // Most plans have one piece, which is read beside the record.
  const [plan, first] = await Promise.all([
    findSavedPlan(sources, run),
    sources.stores.plans.readPiece(planDigest, 0),
  ]);
  if (plan === undefined) return undefined;
  try {
    return await sources.stores.plans.readFile(plan, first);
  } catch (error) {
    if (error instanceof PlanAlteredError) throw refusePlan('PlanAltered');
    throw error;
  }
}

function refusePlan(problem: PlanProblem): RunApiError {
  return new RunApiError(412, problem, PLAN_PROBLEMS[problem]);
}
