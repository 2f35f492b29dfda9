import { ANNOTATIONS } from '../../crds/constants.ts';
import type { Failure } from '../../crds/failure.ts';
import type { RequestDecision } from './decision.ts';
import type { RequestObservation } from './observation.ts';
import { describeRun, isDeleting, keep, no, yes, type Said } from './status-said.ts';
import { isServing } from './sync.ts';

const PAUSED: Said = {
  status: 'False',
  reason: 'Paused',
  message: `Nothing is started as long as the annotation ${ANNOTATIONS.paused} is there.`,
};
const PROTECTED: Said = {
  status: 'False',
  reason: 'DeletionProtected',
  message: `It is not deleted as long as the annotation ${ANNOTATIONS.deletionProtection} is there.`,
};

/**
 * Ready describes what runs. An edit that nobody approved changes nothing, so what runs stays
 * Ready, and Approved says that the change waits.
 */
export function sayReady(observation: RequestObservation, decision: RequestDecision): Said {
  const serving = isServing(observation);
  switch (decision.kind) {
    case 'idle':
      return sayAvailable(observation);
    case 'wait':
    case 'await-class':
    case 'drop-intention':
      return sayWaiting(observation, decision);
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

/** Of what is to go, it counts how far its deletion is. */
function sayWaiting(observation: RequestObservation, decision: RequestDecision): Said {
  if (isServing(observation) && !isDeleting(observation)) return sayAvailable(observation);
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
export function sayCredentialsProblem({
  credentials,
  request,
}: RequestObservation): Said | undefined {
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
