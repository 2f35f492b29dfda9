import type { RequestDecision } from './decision.ts';
import { judgeFailure } from './decide-retry.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { isWithdrawn } from './checks.ts';
import { isInTheWay } from './decide-check.ts';
import type { RequestObservation } from './observation.ts';
import { runOutcome } from './runs.ts';

/**
 * What to do about the run that stands in the status, if one does.
 *
 * A run that was intended and not made is made only if the very same would be intended now: the
 * name carries class, inputs and attempt, so an edit or an approval that ran out in between
 * drops the intention.
 *
 * @param decideNext what would be decided if no run stood there
 */
export function checkCurrentRun(
  observation: RequestObservation,
  decideNext: (observation: RequestObservation) => RequestDecision,
): RequestDecision | undefined {
  const { request, runs, now, jitter } = observation;
  const current = request.status?.run;
  if (current === undefined) return undefined;
  const run = runs.find(({ metadata }) => metadata.name === current.name);
  if (run === undefined) {
    const next = decideNext(observation);
    return next.kind === 'intend-run' && next.run.name === current.name
      ? { kind: 'create-run', run: next.run }
      : { kind: 'drop-intention' };
  }
  switch (runOutcome(run)) {
    case 'unfinished':
      return awaitRun(observation, run, decideNext);
    case 'succeeded':
      return { kind: 'record-run', run, failure: undefined };
    case 'failed':
      return {
        kind: 'record-run',
        run,
        failure: judgeFailure(run, runs, { now, chance: jitter }),
      };
  }
}

function awaitRun(
  observation: RequestObservation,
  run: ResourceRun,
  decideNext: (observation: RequestObservation) => RequestDecision,
): RequestDecision {
  return isToBeWithdrawn(run) && isInTheWay(observation, decideNext(observation))
    ? { kind: 'withdraw-check', run }
    : { kind: 'await-run', action: run.spec.action, run };
}

/** A check waits behind all real work; nothing of its own request waits behind it. */
function isToBeWithdrawn(run: ResourceRun): boolean {
  return run.spec.action === 'Check' && run.status?.jobName === undefined && !isWithdrawn(run);
}
