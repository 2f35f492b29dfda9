import { createHash } from '../../lib/node-crypto.ts';
import { findMovedResources, fingerprintPlan } from '../terraform/compare-plans.ts';
import type { SavedPlan } from '../terraform/run-contract.ts';
import { recheck, type StepContext } from './engine-steps.ts';
import { installAsPlanned, withPlannedProviders } from './planned-providers.ts';
import type { RunApiClient } from './run-api-client.ts';
import type { StateRelay } from './state-relay.ts';
import { outdated } from './step-failure.ts';
import { writePlanFile } from './workspace.ts';

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
  if (saved.stateVersion !== 0 && (await state.readState()) !== '') {
    await compareWithWorld(context, saved);
  }
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

function nameAddresses(moved: readonly string[], { log }: StepContext): string {
  const more = moved.length > NAMED ? ` and ${moved.length - NAMED} more` : '';
  return `${moved.slice(0, NAMED).map(log.mask).join(', ')}${more}`;
}
