import type { SavedPlan } from '../terraform/run-contract.ts';
import { initialize, type StepContext } from './engine-steps.ts';
import { restoreInstallation } from './installation.ts';
import { outdated, RunFailedError } from './step-failure.ts';
import { removeLockFile, writeLockFile } from './workspace.ts';

/**
 * Gives the engine the very module and providers that the plan was made with. What the run that planned has
 * installed is put back where that can be; nothing is fetched then.
 *
 * @throws {RunFailedError} of type PlanOutdated if these providers cannot be had any more
 */
export async function installAsPlanned(context: StepContext, saved: SavedPlan): Promise<void> {
  const { installation, lockFile } = saved;
  const isRestored =
    installation !== undefined && (await restoreInstallation(context.workspace, installation));
  if (!isRestored) return initializeAsPlanned(context, lockFile);
  if (lockFile !== '') await writeLockFile(context.workspace, lockFile);
  context.log.add('module and providers are those that the plan was made with');
}

/**
 * Lets the engine work with providers that were put back. It compares them with the lock file itself
 * before it does anything; whether that is why it failed is told apart by an `init`.
 *
 * @throws {RunFailedError} of type PlanOutdated if the providers are others; nothing was done then
 */
export async function withPlannedProviders<T>(
  context: StepContext,
  work: () => Promise<T>,
): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const { installation, lockFile = '' } = context.spec.savedPlan ?? {};
    if (installation === undefined || lockFile === '' || context.signal.aborted) throw error;
    await initializeAsPlanned(context, lockFile).catch((reason: unknown) => {
      if (isOutdated(reason)) throw reason;
    });
    throw error;
  }
}

function isOutdated(error: unknown): boolean {
  return error instanceof RunFailedError && error.failure.type === 'PlanOutdated';
}

/**
 * With the very providers of the plan, hash by hash. Whether these cannot be had any more, or
 * nothing can be had at all, is told apart by trying without them.
 */
async function initializeAsPlanned(context: StepContext, lockFile: string): Promise<void> {
  if (lockFile === '') return initialize(context);
  await writeLockFile(context.workspace, lockFile);
  try {
    await initialize(context);
  } catch (error) {
    if (context.signal.aborted) throw error;
    await removeLockFile(context.workspace);
    await initialize(context);
    throw outdated('The providers have changed since the plan was made.');
  }
}
