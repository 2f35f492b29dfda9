import { QuartermasterError } from '../../lib/errors.ts';
import { classifyFailure } from '../terraform/classify-failure.ts';
import { buildFailureMessage } from '../terraform/failure-message.ts';
import type { EngineStep } from '../terraform/engine-arguments.ts';
import type { RunFailure } from '../terraform/run-contract.ts';
import type { EngineExit } from './engine.ts';

/** A run that ends here, with what is reported. */
export class RunFailedError extends QuartermasterError {
  readonly code = 'RUN_FAILED';
  readonly failure: RunFailure;

  constructor(failure: RunFailure) {
    super(failure.message);
    this.failure = failure;
  }
}

/** Says why an approved plan is not applied. */
export function outdated(message: string): RunFailedError {
  return new RunFailedError({ type: 'PlanOutdated', message });
}

/**
 * What a failed step is reported as.
 *
 * @param step which step
 * @param exit how it ended
 * @param outOfMemory the kernel killed something meanwhile
 * @param mask masks texts
 */
export function describeStepFailure(
  step: EngineStep,
  exit: EngineExit,
  outOfMemory: boolean,
  mask: (text: string) => string,
): RunFailure {
  const type = classifyFailure({ ...exit, outOfMemory });
  const ending = exit.signal === undefined ? `status ${exit.code ?? '?'}` : exit.signal;
  const fallback = `${step} ended with ${ending}\n${exit.errorText}`.trim();
  const message = buildFailureMessage(exit.diagnostics, fallback, mask);
  return { type, message };
}
