import type { ConditionStatement, RequestConditionType } from '../../crds/condition.ts';
import { ANNOTATIONS } from '../../crds/constants.ts';
import { needsApproval, wantsPreview } from '../../crds/preview.ts';
import type { Failure } from '../../crds/failure.ts';
import { upgradeVerdict } from './decide-verdict.ts';
import type { RequestDecision } from './decision.ts';
import type { RequestObservation } from './observation.ts';
import { sayApproved } from './status-approved.ts';
import { sayDrifted } from './status-drift.ts';
import { sayCredentialsProblem, sayReady } from './status-ready.ts';
import { describeRun, isDeleting, keep, no, yes, type Said } from './status-said.ts';
import { tellDecision } from './status-told.ts';
import { appliedClassDigest } from './sync.ts';

/** Condition messages stay short; the whole text of a failure stands in `status.failure`. */
const MESSAGE_LIMIT = 1000;

const NOT_PROVISIONED = no('NotProvisioned', 'Nothing is provisioned.');
const GOING = no('Deprovisioning', 'The credentials go with the request.');
const IDLE = no('Idle', 'Nothing is in progress.');
const GOES_ON = no('Idle', 'Nothing has to be corrected.');
const TRY_AGAIN = `It is not tried again by itself: change the request, or set the annotation ${ANNOTATIONS.reconcileAt}.`;
const CLASS_UNUSABLE = 'The class is not there, or cannot be used now.';

/** Reasons for waiting that are somebody's fault. */
const FAULTS = ['ClassNotFound', 'ClassInvalid', 'ParametersInvalid'];

/** What each condition says after a decision; all of them, so that all are there from the first visit. */
export function statements(
  observation: RequestObservation,
  done: RequestDecision,
): ConditionStatement[] {
  const decision = tellDecision(observation, done);
  const isClassKnown = observation.resourceClass.kind !== 'unchecked';
  const said: Record<RequestConditionType, Said> = {
    Ready: sayReady(observation, decision),
    Approved: sayApproved(observation, decision),
    Provisioned: sayProvisioned(observation, decision),
    CredentialsReady: sayCredentials(observation),
    Reconciling: sayReconciling(decision),
    Stalled: sayStalled(observation, decision),
    // An edit of a class that changes nothing for a request is not to write every one of them.
    Drifted: isClassKnown ? sayDrifted(observation) : keep(observation, 'Drifted'),
    UpgradeAvailable: isClassKnown
      ? sayUpgrade(observation)
      : keep(observation, 'UpgradeAvailable'),
  };
  return Object.entries(said).map(([type, statement]) => ({
    type,
    ...statement,
    message: shorten(statement.message),
  }));
}

function sayProvisioned({ request }: RequestObservation, decision: RequestDecision): Said {
  const { applied, failure } = request.status ?? {};
  if (decision.kind === 'record-run') {
    return decision.failure ? no('RunFailed', sayType(decision.failure)) : sayRecorded(decision);
  }
  if (decision.kind === 'retain') {
    return no('Retained', 'What was made stays, as the deletion policy says.');
  }
  if (failure !== undefined) return no('RunFailed', sayType(failure));
  if (applied !== undefined) return yes('Applied', sayApplied(applied.run ?? ''));
  return NOT_PROVISIONED;
}

function sayType({ type }: Failure): string {
  return `The last run failed (${type}).`;
}

function sayApplied(run: string): string {
  return `Run ${run} has applied what was approved.`;
}

function sayRecorded({ run }: Extract<RequestDecision, { kind: 'record-run' }>): Said {
  return run.spec.action === 'Destroy'
    ? no('Destroyed', `Run ${run.metadata.name} has destroyed what was made.`)
    : yes('Applied', sayApplied(run.metadata.name));
}

function sayCredentials(observation: RequestObservation): Said {
  const { credentials } = observation;
  switch (credentials.kind) {
    case 'current':
      return yes('Written', `The credentials are in Secret "${credentials.name}".`);
    case 'not-needed':
      return yes('NotNeeded', 'The class has no credentials.');
    case 'stale':
      return no('Writing', 'The Secret with the credentials is being written.');
    default:
      return sayCredentialsProblem(observation) ?? sayNoCredentials(observation);
  }
}

/** At the end they are not looked at any more; the Secret goes with the request. */
function sayNoCredentials(observation: RequestObservation): Said {
  const { applied } = observation.request.status ?? {};
  return isDeleting(observation) && applied !== undefined ? GOING : NOT_PROVISIONED;
}

function sayReconciling(decision: RequestDecision): Said {
  switch (decision.kind) {
    case 'intend-run':
    case 'await-run':
    case 'record-run':
      return yes('RunInProgress', describeRun(decision));
    case 'retain':
    case 'delete-leftovers':
      return yes('Deprovisioning', describeRun(decision));
    case 'failed':
    case 'destroy-failed':
      return decision.failure.retryAt === undefined
        ? IDLE
        : yes('RetryWaiting', `The next attempt is at ${decision.failure.retryAt}.`);
    default:
      return IDLE;
  }
}

/** Stalled: nothing goes on until a person changes something other than an approval. */
function sayStalled(observation: RequestObservation, decision: RequestDecision): Said {
  switch (decision.kind) {
    case 'failed':
    case 'destroy-failed':
      return decision.failure.retryAt === undefined
        ? yes('RunFailed', `${sayType(decision.failure)} ${TRY_AGAIN}`)
        : GOES_ON;
    case 'wait':
      return isFault(decision) ? yes(decision.reason, decision.message) : GOES_ON;
    case 'idle': {
      const problem = sayCredentialsProblem(observation);
      return problem === undefined ? GOES_ON : yes(problem.reason, problem.message);
    }
    default:
      return GOES_ON;
  }
}

/** A plan that failed is one when it is not made again by itself. */
function isFault({ reason, failure }: Extract<RequestDecision, { kind: 'wait' }>): boolean {
  if (reason === 'PlanFailed') return failure?.retryAt === undefined;
  return FAULTS.includes(reason);
}

function sayUpgrade(observation: RequestObservation): Said {
  const applied = appliedClassDigest(observation);
  const { resourceClass } = observation;
  if (applied === undefined) return NOT_PROVISIONED;
  if (resourceClass.kind !== 'ready') {
    return { status: 'Unknown', reason: 'ClassUnusable', message: CLASS_UNUSABLE };
  }
  if (resourceClass.digest === applied) {
    return no('UpToDate', 'The class is the one that was applied.');
  }
  const text = `Revision ${resourceClass.revisionName} is newer; ${describeWay(observation)}`;
  return yes('NewerClass', text);
}

/** How to get to the newer class, or why the approval of it does not lead there. */
function describeWay(observation: RequestObservation): string {
  const { resourceClass } = observation;
  if (resourceClass.kind === 'ready' && !needsApproval(resourceClass.spec)) {
    return `set the annotation ${ANNOTATIONS.reconcileAt} to move to it.`;
  }
  const verdict = upgradeVerdict(observation);
  const refusal = verdict?.kind === 'refused' ? ` ${verdict.message}` : '';
  if (resourceClass.kind === 'ready' && wantsPreview(resourceClass.spec)) {
    return `set the annotation ${ANNOTATIONS.reconcileAt} to see its plan; moving to it needs an approval of that.${refusal}`;
  }
  return `moving to it needs an approval.${refusal}`;
}

function shorten(message: string): string {
  return message.length <= MESSAGE_LIMIT ? message : `${message.slice(0, MESSAGE_LIMIT - 1)}…`;
}
