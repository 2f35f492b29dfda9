import { RUN_CONDITION, setCondition, type ConditionStatement } from '../../crds/condition.ts';
import { FAILURE_MESSAGE_LIMIT } from '../../crds/failure.ts';
import type { ResourceRunStatus } from '../../crds/resource-run.ts';
import type { RunDecision } from './decide.ts';
import type { RunObservation } from './observation.ts';

const CONDITION_MESSAGE_LIMIT = 512;
const REASON = /^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/;

/** The next status of a run, or undefined when the decision has nothing to say. */
export function runStatus(
  { run, now }: RunObservation,
  decision: RunDecision,
): ResourceRunStatus | undefined {
  const statement = say(run.metadata.name, decision);
  if (statement === undefined) return undefined;
  const generation = run.metadata.generation ?? 1;
  const time = now.toISOString();
  return {
    ...run.status,
    observedGeneration: generation,
    ...fieldsAfter(run.metadata.name, run.status, decision, time),
    conditions: setCondition(
      run.status?.conditions,
      { ...statement, message: statement.message.slice(0, CONDITION_MESSAGE_LIMIT) },
      { observedGeneration: generation, now: time },
    ),
  };
}

function fieldsAfter(
  jobName: string,
  status: ResourceRunStatus | undefined,
  decision: RunDecision,
  now: string,
): ResourceRunStatus {
  switch (decision.kind) {
    case 'start-job':
    case 'adopt-job':
      return { jobName, startedAt: status?.startedAt ?? now };
    case 'fail': {
      const { type, message } = decision.failure;
      return {
        finishedAt: now,
        failure: { type, message: message.slice(0, FAILURE_MESSAGE_LIMIT) },
      };
    }
    default:
      return {};
  }
}

function say(jobName: string, decision: RunDecision): ConditionStatement | undefined {
  switch (decision.kind) {
    case 'queue':
      return unknown('Queued', 'Waits for its turn.');
    case 'start-job':
    case 'adopt-job':
      return unknown('Started', `Job ${jobName}.`);
    case 'await-report':
      return decision.problem === undefined
        ? unknown('Started', `Job ${jobName}.`)
        : unknown(asReason(decision.problem.reason), decision.problem.message);
    case 'fail':
      return {
        type: RUN_CONDITION,
        status: 'False',
        reason: decision.failure.type,
        message: decision.failure.message,
      };
    case 'none':
    case 'clean-up':
    case 'await-exit':
      return undefined;
  }
}

/** Reasons come from the kubelet; one that no condition can carry says at least that it waits. */
function asReason(reason: string): string {
  return REASON.test(reason) ? reason : 'Waiting';
}

function unknown(reason: string, message: string): ConditionStatement {
  return { type: RUN_CONDITION, status: 'Unknown', reason, message };
}
