import type { Condition } from '../../../crds/condition.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import type { RequestStatus } from '../../policies/request-transitions.ts';
import {
  decideFailure,
  decideStatus,
  type MirroredFailure,
  type MirroredRow,
} from './mirrored-status.ts';

/** Where the credentials of a request are; never what they are. */
export interface CredentialsReference {
  secret_name: string;
  namespace: string;
  keys: string[];
}

/** A condition as the API shows it. */
export interface MirroredCondition {
  type: string;
  status: string;
  reason: string;
  message: string;
  last_transition_time: string;
}

/** Everything that a request copies from its resource. */
export interface MirroredFields {
  status: RequestStatus;
  resource_uid: string | null;
  conditions: MirroredCondition[];
  outputs: Record<string, unknown>;
  credentials: CredentialsReference | null;
  failure: MirroredFailure | null;
}

/**
 * What the row of a request should say, given its resource.
 *
 * @param keys keys of the credentials Secret, known from the class; undefined if the class is not
 *   known, then those of before are kept
 */
export function mirrorFields(
  row: MirroredRow & { credentials: CredentialsReference | null },
  resource: ResourceRequest,
  keys: string[] | undefined,
): MirroredFields {
  const status = decideStatus(row, resource);
  return {
    status,
    resource_uid: resource.metadata.uid ?? null,
    conditions: (resource.status?.conditions ?? []).map(presentCondition),
    outputs: resource.status?.outputs ?? {},
    credentials: referCredentials(resource, keys ?? row.credentials?.keys ?? []),
    failure: decideFailure(row, resource, status),
  };
}

function presentCondition(condition: Condition): MirroredCondition {
  return {
    type: condition.type,
    status: condition.status,
    reason: condition.reason,
    message: condition.message,
    last_transition_time: condition.lastTransitionTime,
  };
}

function referCredentials(resource: ResourceRequest, keys: string[]): CredentialsReference | null {
  const secret = resource.status?.binding?.name;
  const namespace = resource.metadata.namespace;
  if (secret === undefined || namespace === undefined) return null;
  return { secret_name: secret, namespace, keys };
}
