import { buildPlanView, collectPlanSecrets } from '../terraform/build-plan-view.ts';
import { fingerprintPlan } from '../terraform/compare-plans.ts';
import type { Changes } from '../terraform/run-contract.ts';
import { printPlan, showPlan, type StepContext } from './engine-steps.ts';
import { readInstallation } from './installation.ts';
import type { RunApiClient } from './run-api-client.ts';
import { readLockFile, readPlanFile } from './workspace.ts';

const NOTHING: Changes = { add: 0, change: 0, destroy: 0 };

/**
 * Hands a saved plan over: the file itself, which only the platform reads, and what people may see
 * of it.
 *
 * @returns its digest
 * @throws {RunFailedError} if the engine cannot show its own plan
 */
export async function previewPlan(
  context: StepContext,
  api: RunApiClient,
  changes: Changes | undefined,
): Promise<string> {
  const plan = await showPlan(context);
  // Before anything is shown: the engine marks a secret at some places and not at others.
  context.log.addSecrets(collectPlanSecrets(plan));
  return api.savePlan({
    file: (await readPlanFile(context.workspace)).toString('base64'),
    lockFile: await readLockFile(context.workspace),
    installation: await readInstallation(context.workspace),
    fingerprints: fingerprintPlan(plan),
    changes: changes ?? NOTHING,
    view: buildPlanView(plan, await printPlan(context), context.log.mask),
  });
}
