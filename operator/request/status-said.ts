import {
  findCondition,
  RUN_CONDITION,
  type ConditionStatement,
  type RequestConditionType,
} from '../../crds/condition.ts';
import type { RunAction } from '../../crds/resource-request.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import type { PlannedRun, RequestDecision } from './decision.ts';
import type { RequestObservation } from './observation.ts';

const LINE_CHARACTERS = 300;

/** What a condition says; its type stands elsewhere. */
export type Said = Omit<ConditionStatement, 'type'>;

/** Whether the request is on its way out. */
export function isDeleting({ request }: RequestObservation): boolean {
  return request.metadata.deletionTimestamp !== undefined;
}

/** What the condition said before. */
export function keep({ request }: RequestObservation, type: RequestConditionType): Said {
  const previous = findCondition(request.status?.conditions, type);
  return previous ?? { status: 'Unknown', reason: 'NotEvaluated', message: 'Not looked at yet.' };
}

/** The first line of an engine's words, short enough for a sentence. */
export function firstLine(text: string): string {
  const [line = ''] = text.split('\n');
  return line.length <= LINE_CHARACTERS ? line : `${line.slice(0, LINE_CHARACTERS - 1)}…`;
}

/** It is so. */
export function yes(reason: string, message: string): Said {
  return { status: 'True', reason, message };
}

/** It is not so. */
export function no(reason: string, message: string): Said {
  return { status: 'False', reason, message };
}

/** What a run does, as it is said of it. */
const DOES: Readonly<Record<RunAction, string>> = {
  Plan: 'plans what is asked for',
  Apply: 'applies what was approved',
  Destroy: 'destroys what was made',
  Check: 'looks for drift',
};

function describeWork({ action, destroys }: Pick<PlannedRun, 'action' | 'destroys'>): string {
  return destroys === true ? 'plans the destruction of what was made' : DOES[action];
}

/** Reasons of a run that is on its way. */
const UNDER_WAY: readonly string[] = ['Started'];

/** What is under way, with what it waits for. */
export function describeRun(decision: RequestDecision): string {
  switch (decision.kind) {
    case 'intend-run':
      return `Run ${decision.run.name} ${describeWork(decision.run)}.`;
    case 'await-run':
      return describeProgress(decision.run);
    case 'record-run':
      return `Run ${decision.run.metadata.name} has ended.`;
    case 'retain':
    case 'delete-leftovers':
      return 'What was kept for this request is being removed.';
    default:
      return 'The next step is about to begin.';
  }
}

function describeProgress({ metadata, spec, status }: ResourceRun): string {
  const condition = findCondition(status?.conditions, RUN_CONDITION);
  if (condition?.reason === 'Queued') return `Run ${metadata.name} waits for its turn.`;
  if (condition === undefined || UNDER_WAY.includes(condition.reason)) {
    return `Run ${metadata.name} ${describeWork(spec)}.`;
  }
  const detail = `${condition.reason}: ${firstLine(condition.message)}`;
  return `Run ${metadata.name} cannot begin yet (${detail}).`;
}
