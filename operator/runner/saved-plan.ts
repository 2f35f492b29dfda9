import { createHash } from '../../lib/node-crypto.ts';
import { findMovedResources, fingerprintPlan } from '../terraform/compare-plans.ts';
import type { SavedPlan } from '../terraform/run-contract.ts';
import { initialize, recheck, type StepContext } from './engine-steps.ts';
import { restoreInstallation } from './installation.ts';
import type { RunApiClient } from './run-api-client.ts';
import type { StateRelay } from './state-relay.ts';
import { RunFailedError } from './step-failure.ts';
import { removeLockFile, writeLockFile, writePlanFile } from './workspace.ts';

/** Addresses that are named when the world has moved. */
const NAMED = 5;

/**
 * Puts a plan that was approved in its place, after looking whether it still is what would be done:
 * the same providers, the same plan byte for byte, and a world that stands as it stood.
 *
 * @throws {RunFailedError} of type PlanOutdated if anything differs; nothing was applied then
 */
export async function fetchSavedPlan(
  context: StepContext,
  { api, state }: { api: RunApiClient; state: Pick<StateRelay, 'readState'> },
  saved: SavedPlan,
): Promise<void> {
  await installAsPlanned(context, saved);
  // Of the release before, which may still serve while an upgrade is under way, it has to be asked for.
  const file = saved.file === undefined ? await api.readPlan() : Buffer.from(saved.file, 'base64');
  if (`sha256:${createHash('sha256').update(file).digest('hex')}` !== saved.digest) {
    throw outdated('The plan that was approved was altered on its way.');
  }
  if ((await state.readState()) !== '') await compareWithWorld(context, saved);
  await writePlanFile(context.workspace, file);
}

/** Only where there is a state: without one an engine knows of nothing that could have moved. */
async function compareWithWorld(context: StepContext, saved: SavedPlan): Promise<void> {
  const now = await withPlannedProviders(context, () => recheck(context));
  const moved = findMovedResources(saved.fingerprints, fingerprintPlan(now));
  if (moved.length === 0) return;
  throw outdated(
    `What is there has changed since the plan was made: ${nameAddresses(moved, context)}.`,
  );
}

/** A failure that says why an approved plan is not applied. */
export function outdated(message: string): RunFailedError {
  return new RunFailedError({ type: 'PlanOutdated', message });
}

/** What the run that planned has installed is put back where that can be; nothing is fetched then. */
async function installAsPlanned(context: StepContext, saved: SavedPlan): Promise<void> {
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

function nameAddresses(moved: readonly string[], { log }: StepContext): string {
  const more = moved.length > NAMED ? ` and ${moved.length - NAMED} more` : '';
  return `${moved.slice(0, NAMED).map(log.mask).join(', ')}${more}`;
}
