import { createHash } from '../../lib/node-crypto.ts';
import { findMovedResources, fingerprintPlan } from '../terraform/compare-plans.ts';
import type { SavedPlan } from '../terraform/run-contract.ts';
import { initialize, recheck, type StepContext } from './engine-steps.ts';
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
  const file = await fetchWhileInitializing(context, api, saved);
  if (`sha256:${createHash('sha256').update(file).digest('hex')}` !== saved.digest) {
    throw outdated('The plan that was approved was altered on its way.');
  }
  if ((await state.readState()) !== '') await compareWithWorld(context, saved);
  await writePlanFile(context.workspace, file);
}

/** Only where there is a state: without one an engine knows of nothing that could have moved. */
async function compareWithWorld(context: StepContext, saved: SavedPlan): Promise<void> {
  const moved = findMovedResources(saved.fingerprints, fingerprintPlan(await recheck(context)));
  if (moved.length === 0) return;
  throw outdated(
    `What is there has changed since the plan was made: ${nameAddresses(moved, context)}.`,
  );
}

/** Both take their time. Neither is left behind: no engine may be at work when the run reports. */
async function fetchWhileInitializing(
  context: StepContext,
  api: Pick<RunApiClient, 'readPlan'>,
  saved: SavedPlan,
): Promise<Buffer> {
  const [initialized, fetched] = await Promise.allSettled([
    initializeAsPlanned(context, saved),
    api.readPlan(),
  ]);
  if (initialized.status === 'rejected') throw initialized.reason;
  if (fetched.status === 'rejected') throw fetched.reason;
  return fetched.value;
}

/** A failure that says why an approved plan is not applied. */
export function outdated(message: string): RunFailedError {
  return new RunFailedError({ type: 'PlanOutdated', message });
}

/**
 * With the very providers of the plan, hash by hash. Whether these cannot be had any more, or
 * nothing can be had at all, is told apart by trying without them.
 */
async function initializeAsPlanned(context: StepContext, { lockFile }: SavedPlan): Promise<void> {
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
