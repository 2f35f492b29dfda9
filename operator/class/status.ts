import { setCondition, type ConditionStatement } from '../../crds/condition.ts';
import type { ResourceClassStatus } from '../../crds/resource-class.ts';
import { formatFaults, type Fault } from './fault.ts';

/** How the decision about a class went. */
export type ClassOutcome =
  | { kind: 'published'; digest: string; revisionName: string }
  | { kind: 'refused'; faults: Fault[] }
  | { kind: 'revision-mismatch'; digest: string };

/** What the status is made from besides the outcome. */
export interface ClassFacts {
  generation: number;
  /** Where the revisions are kept. */
  runsNamespace: string;
  /** Requests that name this class. */
  requests: number;
  /** RFC 3339. */
  now: string;
}

/** The next status of a class. */
export function classStatus(
  previous: ResourceClassStatus | undefined,
  outcome: ClassOutcome,
  facts: ClassFacts,
): ResourceClassStatus {
  return {
    observedGeneration: facts.generation,
    ...(outcome.kind === 'published'
      ? { digest: outcome.digest, revisionName: outcome.revisionName }
      : {}),
    revisionNamespace: facts.runsNamespace,
    requests: facts.requests,
    conditions: setCondition(previous?.conditions, readyStatement(outcome), {
      observedGeneration: facts.generation,
      now: facts.now,
    }),
  };
}

function readyStatement(outcome: ClassOutcome): ConditionStatement {
  switch (outcome.kind) {
    case 'published':
      return {
        type: 'Ready',
        status: 'True',
        reason: 'Published',
        message: `Offered as revision ${outcome.revisionName}.`,
      };
    case 'refused':
      return {
        type: 'Ready',
        status: 'False',
        reason: 'Invalid',
        message: formatFaults(outcome.faults),
      };
    case 'revision-mismatch':
      return {
        type: 'Ready',
        status: 'False',
        reason: 'RevisionMismatch',
        message: `Another class is kept under the name of the revision with digest ${outcome.digest}.`,
      };
  }
}
