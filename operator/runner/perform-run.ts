import { toError } from '../../lib/errors.ts';
import { InvalidModuleInputError } from '../terraform/errors.ts';
import { boundMessage } from '../terraform/failure-message.ts';
import { collectTexts } from '../terraform/module-outputs.ts';
import type { Changes, RunFailure, RunResult } from '../terraform/run-contract.ts';
import { apply, initialize, plan, type StepContext } from './engine-steps.ts';
import { EngineMissingError, RunApiRefusal, RunApiUnreachableError } from './errors.ts';
import { findDrift } from './find-drift.ts';
import { withPlannedProviders } from './planned-providers.ts';
import { previewPlan } from './preview-plan.ts';
import { readOutputs } from './read-outputs.ts';
import type { RunApiClient } from './run-api-client.ts';
import type { RunLog } from './run-log.ts';
import { fetchSavedPlan } from './saved-plan.ts';
import type { StateRelay } from './state-relay.ts';
import { RunFailedError } from './step-failure.ts';

/** Where what a run makes goes. */
export interface RunReturns {
  api: RunApiClient;
  /** The state as the run API has it. */
  state: Pick<StateRelay, 'readState'>;
  /** Whatever happens, a state that exists only in this pod is handed over before the pod ends. */
  handOver: () => Promise<void>;
}

/**
 * Does what a run is for.
 *
 * @returns what is to be reported; it never throws for what the engine does
 */
export async function performRun(
  context: StepContext,
  { api, state, handOver }: RunReturns,
): Promise<RunResult> {
  let changes: Changes | undefined;
  try {
    if (context.spec.savedPlan === undefined) {
      await initialize(context);
      changes = await plan(context);
    } else {
      await fetchSavedPlan(context, { api, state }, context.spec.savedPlan);
    }
    if (context.spec.action === 'Plan') {
      return { ...succeed(changes), planDigest: await previewPlan(context, api, changes) };
    }
    if (context.spec.action === 'Check') {
      return { ...succeed(changes), drift: await findDrift(context) };
    }
    const applying = withPlannedProviders(context, () => apply(context).finally(handOver));
    changes = (await applying) ?? changes;
    if (context.spec.action === 'Destroy') return succeed(changes);
    const outputs = await readOutputs(context.spec, state);
    context.log.addSecrets(outputs.sensitive.flatMap((name) => collectTexts(outputs.values[name])));
    return { ...succeed(changes), outputs };
  } catch (error) {
    const failure = describeFailure(error, context.log);
    return { outcome: 'failed', failure, ...(changes === undefined ? {} : { changes }) };
  }
}

/** Any error as what is reported. */
export function describeFailure(thrown: unknown, log: RunLog): RunFailure {
  if (thrown instanceof RunFailedError) return thrown.failure;
  const message = boundMessage(log.mask(toError(thrown).message));
  if (thrown instanceof RunApiUnreachableError) return { type: 'Transient', message };
  if (thrown instanceof RunApiRefusal && thrown.status === 412) {
    return { type: 'PlanOutdated', message };
  }
  const configuration =
    thrown instanceof InvalidModuleInputError || thrown instanceof EngineMissingError;
  return { type: configuration ? 'Configuration' : 'Internal', message };
}

function succeed(changes: Changes | undefined): RunResult {
  return { outcome: 'succeeded', ...(changes === undefined ? {} : { changes }) };
}
