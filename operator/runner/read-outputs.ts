import { findMissingOutputs, readModuleOutputs } from '../terraform/module-outputs.ts';
import type { RunOutputs, RunSpec } from '../terraform/run-contract.ts';
import type { StateRelay } from './state-relay.ts';
import { RunFailedError } from './step-failure.ts';

/**
 * Reads the outputs that the class wants out of the state that the engine has just saved; also when
 * the run was told to stop meanwhile, since everything is done by then.
 *
 * @throws {RunFailedError} if one is missing
 * @throws {UnexpectedEngineOutputError} if the state is of a form that we do not know
 */
export async function readOutputs(
  { outputs: wanted }: Pick<RunSpec, 'outputs'>,
  state: Pick<StateRelay, 'readState'>,
): Promise<RunOutputs> {
  const outputs = readModuleOutputs(await state.readState(), wanted);
  const missing = findMissingOutputs(outputs, wanted);
  if (missing.length === 0) return outputs;
  const message = `the module has no output ${missing.join(', ')}, which the class promises`;
  throw new RunFailedError({ type: 'Configuration', message });
}
