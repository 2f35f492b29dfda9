import {
  findCondition,
  RUN_CONDITION,
  type ConditionStatement,
  type RequestConditionType,
} from '../../crds/condition.ts';
import type { RequestDecision } from './decision.ts';
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
  return previous ?? { status: 'Unknown', reason: 'NotEvaluated', message: '' };
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

/** What is under way, with what it waits for. */
export function describeRun(decision: RequestDecision): string {
  switch (decision.kind) {
    case 'intend-run':
      return `Run ${decision.run.name} is in progress.`;
    case 'await-run': {
      const condition = findCondition(decision.run.status?.conditions, RUN_CONDITION);
      const detail = condition?.message ? ` (${condition.reason}: ${condition.message})` : '';
      return `Run ${decision.run.metadata.name} is in progress${detail}.`;
    }
    case 'record-run':
      return `Run ${decision.run.metadata.name} has ended.`;
    case 'retain':
    case 'delete-leftovers':
      return 'Removing what was kept for this request.';
    default:
      return '';
  }
}
