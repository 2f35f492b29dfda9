import { collectPlanSecrets } from '../terraform/build-plan-view.ts';
import type { RunResult } from '../terraform/run-contract.ts';
import { summarizeDrift } from '../terraform/summarize-drift.ts';
import { showPlan, type StepContext } from './engine-steps.ts';

/**
 * How what stands differs from what the run is told, after a plan.
 *
 * @throws {RunFailedError} if the engine cannot show its own plan
 */
export async function findDrift(context: StepContext): Promise<NonNullable<RunResult['drift']>> {
  const plan = await showPlan(context);
  // Before anything is said: the engine marks a secret at some places and not at others.
  context.log.addSecrets(collectPlanSecrets(plan));
  return summarizeDrift(plan, context.log.mask);
}
