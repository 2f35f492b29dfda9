import {
  findCondition,
  RUN_CONDITION,
  type ConditionStatement,
  type RequestConditionType,
} from '../../crds/condition.ts';
import { ANNOTATIONS } from '../../crds/constants.ts';
import type { Failure } from '../../crds/failure.ts';
import type { RequestDecision } from './decision.ts';
import type { RequestObservation } from './observation.ts';
import { appliedClassDigest, isServing } from './sync.ts';

/** Condition messages stay short; the whole text of a failure stands in `status.failure`. */
const MESSAGE_LIMIT = 1000;

type Said = Omit<ConditionStatement, 'type'>;

/** Reasons for waiting that are somebody's fault. */
const FAULTS = ['ClassNotFound', 'ClassInvalid', 'ParametersInvalid'];

const PAUSED: Said = {
  status: 'False',
  reason: 'Paused',
  message: 'Paused by annotation: nothing is started.',
};
const PROTECTED: Said = {
  status: 'False',
  reason: 'DeletionProtected',
  message: `Deletion waits for the annotation ${ANNOTATIONS.deletionProtection} to go.`,
};

/** What each condition says after a decision; all of them, so that all are there from the first visit. */
export function statements(
  observation: RequestObservation,
  decision: RequestDecision,
): ConditionStatement[] {
  const said: Record<RequestConditionType, Said> = {
    Ready: sayReady(observation, decision),
    Approved: sayApproved(observation, decision),
    Provisioned: sayProvisioned(observation, decision),
    CredentialsReady: sayCredentials(observation),
    Reconciling: sayReconciling(decision),
    Stalled: sayStalled(observation, decision),
    Drifted: { status: 'Unknown', reason: 'NotChecked', message: '' },
    UpgradeAvailable: sayUpgrade(observation),
  };
  return Object.entries(said).map(([type, statement]) => ({
    type,
    ...statement,
    message: shorten(statement.message),
  }));
}

/**
 * Ready describes what runs. An edit that nobody approved changes nothing, so what runs stays
 * Ready, and Approved says that the change waits.
 */
function sayReady(observation: RequestObservation, decision: RequestDecision): Said {
  const serving = isServing(observation);
  switch (decision.kind) {
    case 'idle':
      return sayAvailable(observation);
    case 'wait':
    case 'await-class':
    case 'drop-intention':
      return serving ? sayAvailable(observation) : sayWaiting(observation, decision);
    case 'paused':
      return sayPaused(observation);
    case 'failed':
      return sayFailed('RunFailed', decision.failure);
    case 'destroy-failed':
      return sayFailed('DeprovisioningFailed', decision.failure);
    case 'protected':
      return PROTECTED;
    default:
      return sayBusy(observation, decision, serving);
  }
}

function sayWaiting(observation: RequestObservation, decision: RequestDecision): Said {
  return decision.kind === 'wait'
    ? no(decision.reason, decision.message)
    : keep(observation, 'Ready');
}

function sayPaused(observation: RequestObservation): Said {
  const status = isServing(observation) ? sayAvailable(observation).status : 'False';
  return { ...PAUSED, status };
}

function sayFailed(reason: string, { type, message }: Failure): Said {
  return no(reason, `${type}: ${message}`);
}

/** A first run, a change, or the end. */
function sayBusy(
  observation: RequestObservation,
  decision: RequestDecision,
  serving: boolean,
): Said {
  if (isDeleting(observation)) return no('Deprovisioning', describeRun(decision));
  return {
    // While a change runs, nobody knows what stands.
    status: serving ? 'Unknown' : 'False',
    reason: 'Provisioning',
    message: describeRun(decision),
  };
}

function sayAvailable(observation: RequestObservation): Said {
  return sayCredentialsProblem(observation) ?? yes('Available', 'What was approved is what runs.');
}

/** Why the credentials cannot be kept, where a person has to help. */
function sayCredentialsProblem({ credentials, request }: RequestObservation): Said | undefined {
  switch (credentials.kind) {
    case 'foreign':
      return no(
        'CredentialsConflict',
        `There is a Secret "${credentials.name}" that is not ours; it is left alone.`,
      );
    case 'lost':
      return no('CredentialsLost', 'The outputs of the last run cannot be found.');
    case 'forbidden': {
      const namespace = request.metadata.namespace ?? '';
      return no('CredentialsForbidden', `There is no right to Secrets in namespace ${namespace}.`);
    }
    default:
      return undefined;
  }
}

function sayApproved(observation: RequestObservation, decision: RequestDecision): Said {
  switch (decision.kind) {
    case 'wait':
      return decision.reason.startsWith('Approval') || decision.reason === 'AwaitingApproval'
        ? no(decision.reason, decision.message)
        : { status: 'Unknown', reason: decision.reason, message: decision.message };
    case 'intend-run':
      return isDeleting(observation) ? keep(observation, 'Approved') : sayApprovedBy(observation);
    case 'idle':
      return sayApprovedBy(observation);
    default:
      return keep(observation, 'Approved');
  }
}

function sayApprovedBy({ resourceClass, request }: RequestObservation): Said {
  const previous = findCondition(request.status?.conditions, 'Approved');
  const isAutomatic =
    resourceClass.kind === 'ready' && resourceClass.spec.approval.mode === 'Automatic';
  if (isAutomatic) return yes('Automatic', 'The class needs no approval.');
  // The class may be gone; what it said is still so.
  if (resourceClass.kind !== 'ready' && previous?.status === 'True') return previous;
  return yes('Approved', 'The inputs are approved.');
}

function sayProvisioned({ request }: RequestObservation, decision: RequestDecision): Said {
  const { applied, failure } = request.status ?? {};
  if (decision.kind === 'record-run') {
    return decision.failure ? no('RunFailed', decision.failure.type) : sayRecorded(decision);
  }
  if (decision.kind === 'retain') return no('Retained', 'What was made stays.');
  if (failure !== undefined) return no('RunFailed', failure.type);
  if (applied !== undefined) return yes('Applied', `By run ${applied.run ?? ''}.`);
  return no('NotProvisioned', '');
}

function sayRecorded({ run }: Extract<RequestDecision, { kind: 'record-run' }>): Said {
  return run.spec.action === 'Destroy'
    ? no('Destroyed', `By run ${run.metadata.name}.`)
    : yes('Applied', `By run ${run.metadata.name}.`);
}

function sayCredentials(observation: RequestObservation): Said {
  const { credentials } = observation;
  switch (credentials.kind) {
    case 'current':
      return yes('Written', `In Secret ${credentials.name}.`);
    case 'not-needed':
      return yes('NotNeeded', 'The class has no credentials.');
    case 'stale':
      return no('Writing', '');
    default:
      return sayCredentialsProblem(observation) ?? no('NotProvisioned', '');
  }
}

function sayReconciling(decision: RequestDecision): Said {
  switch (decision.kind) {
    case 'intend-run':
    case 'await-run':
    case 'record-run':
      return yes('RunInProgress', describeRun(decision));
    case 'retain':
    case 'delete-leftovers':
      return yes('Deprovisioning', '');
    case 'failed':
    case 'destroy-failed':
      return decision.failure.retryAt === undefined
        ? no('Idle', '')
        : yes('RetryWaiting', `Tried again at ${decision.failure.retryAt}.`);
    default:
      return no('Idle', '');
  }
}

/** Stalled: nothing goes on until a person changes something other than an approval. */
function sayStalled(observation: RequestObservation, decision: RequestDecision): Said {
  switch (decision.kind) {
    case 'failed':
    case 'destroy-failed':
      return decision.failure.retryAt === undefined
        ? yes('RunFailed', decision.failure.type)
        : no('Idle', '');
    case 'wait':
      return FAULTS.includes(decision.reason)
        ? yes(decision.reason, decision.message)
        : no('Idle', '');
    case 'idle': {
      const problem = sayCredentialsProblem(observation);
      return problem === undefined ? no('Idle', '') : yes(problem.reason, problem.message);
    }
    default:
      return no('Idle', '');
  }
}

function sayUpgrade(observation: RequestObservation): Said {
  const applied = appliedClassDigest(observation);
  const { resourceClass } = observation;
  if (applied === undefined) return no('NotProvisioned', '');
  if (resourceClass.kind !== 'ready') {
    return { status: 'Unknown', reason: 'ClassUnusable', message: '' };
  }
  return resourceClass.digest === applied
    ? no('UpToDate', '')
    : yes(
        'NewerClass',
        `Revision ${resourceClass.revisionName} is newer; moving to it needs an approval.`,
      );
}

/** What is under way, with what it waits for. */
function describeRun(decision: RequestDecision): string {
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

function isDeleting({ request }: RequestObservation): boolean {
  return request.metadata.deletionTimestamp !== undefined;
}

function keep({ request }: RequestObservation, type: RequestConditionType): Said {
  const previous = findCondition(request.status?.conditions, type);
  return previous ?? { status: 'Unknown', reason: 'NotEvaluated', message: '' };
}

function yes(reason: string, message: string): Said {
  return { status: 'True', reason, message };
}

function no(reason: string, message: string): Said {
  return { status: 'False', reason, message };
}

function shorten(message: string): string {
  return message.length <= MESSAGE_LIMIT ? message : `${message.slice(0, MESSAGE_LIMIT - 1)}…`;
}
