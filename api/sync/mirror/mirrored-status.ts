import { findCondition, type Condition } from '../../../crds/condition.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import { canonicalJson } from '../../../lib/canonical-json.ts';
import {
  RUNNING_STATUSES,
  canMove,
  type RequestStatus,
} from '../../policies/request-transitions.ts';

/** What went wrong, as the API shows it. */
export interface MirroredFailure {
  type: string;
  message: string;
}

/** The row as it stands before it is compared with the resource. */
export interface MirroredRow {
  status: RequestStatus;
  failure: MirroredFailure | null;
  /** The revision in force. */
  parameters: Record<string, unknown>;
  approval: string | null;
  /** What the approval is for; null before there was one. */
  inputs_digest: string | null;
}

/** Reasons of `Ready` with which nothing more happens by itself. */
const FAILED_REASONS: ReadonlyMap<string, string> = new Map([
  ['ApprovalInvalid', 'Policy'],
  ['ApprovalExpired', 'Policy'],
  ['ApprovalOutdated', 'Policy'],
  ['ParametersInvalid', 'Configuration'],
  ['ClassNotFound', 'Configuration'],
  ['ClassInvalid', 'Configuration'],
  ['CredentialsConflict', 'Conflict'],
  ['CredentialsLost', 'Internal'],
  ['RunFailed', 'Internal'],
  ['DeprovisioningFailed', 'Internal'],
]);

/** Reasons of `Ready` that say nothing about how far the request is. */
const NEUTRAL_REASONS: ReadonlySet<string> = new Set(['AwaitingApproval', 'Paused']);

/** Whether the resource carries the revision that is in force: what was asked, and the approval. */
export function carriesRevision(row: MirroredRow, resource: ResourceRequest): boolean {
  return (
    canonicalJson(resource.spec.parameters ?? {}) === canonicalJson(row.parameters) &&
    (resource.spec.approval ?? null) === row.approval
  );
}

/**
 * The status that a request has, judged from its resource. An older statement never counts: not
 * one about an earlier generation, and not one about a revision before the one in force.
 *
 * @returns the row's own status where the resource says nothing new, or nothing possible
 */
export function decideStatus(row: MirroredRow, resource: ResourceRequest): RequestStatus {
  const status = observeStatus(row, resource);
  return canMove(row.status, status) ? status : row.status;
}

function observeStatus(row: MirroredRow, resource: ResourceRequest): RequestStatus {
  if (resource.metadata.deletionTimestamp !== undefined) return 'deleting';
  if (!RUNNING_STATUSES.includes(row.status) || isWaitingForRelay(row, resource)) return row.status;
  const ready = readyCondition(resource);
  if (!ready || NEUTRAL_REASONS.has(ready.reason)) return row.status;
  if (ready.status === 'True') {
    return servesOlderRevision(row, resource) ? olderStatus(row, resource) : 'ready';
  }
  return FAILED_REASONS.has(ready.reason) ? 'failed' : 'provisioning';
}

/**
 * What was applied is not what is in force: a change was approved, but the operator does not
 * start it. Without approvals the class may change at any time, so digests say nothing.
 */
function servesOlderRevision(row: MirroredRow, resource: ResourceRequest): boolean {
  const applied = resource.status?.applied?.inputsDigest;
  return row.approval !== null && applied !== undefined && applied !== row.inputs_digest;
}

function olderStatus(row: MirroredRow, resource: ResourceRequest): RequestStatus {
  return refusedApproval(resource) ? 'failed' : row.status;
}

function refusedApproval(resource: ResourceRequest): Condition | undefined {
  const approved = findCondition(resource.status?.conditions, 'Approved');
  return approved?.status === 'False' && FAILED_REASONS.has(approved.reason) ? approved : undefined;
}

/** The decision has not reached the resource, or could not: what it says is about the one before. */
function isWaitingForRelay(row: MirroredRow, resource: ResourceRequest): boolean {
  return (row.status === 'approved' || row.status === 'failed') && !carriesRevision(row, resource);
}

/** The `Ready` condition, if the operator has looked at this generation. */
function readyCondition(resource: ResourceRequest): Condition | undefined {
  const { metadata, status } = resource;
  if (status?.observedGeneration !== metadata.generation) return undefined;
  return findCondition(status?.conditions, 'Ready');
}

/**
 * The failure that goes with a status: the operator's own, or else what its `Ready` condition
 * says; none while nothing is wrong.
 */
export function decideFailure(
  row: MirroredRow,
  resource: ResourceRequest,
  status: RequestStatus,
): MirroredFailure | null {
  if (status === 'ready' || status === 'approved') return null;
  if (status !== 'deleting' && isWaitingForRelay(row, resource)) return row.failure;
  return reportedFailure(resource) ?? (status === 'failed' ? row.failure : null);
}

function reportedFailure(resource: ResourceRequest): MirroredFailure | null {
  const failure = resource.status?.failure;
  if (failure) return { type: failure.type, message: failure.message };
  const ready = readyCondition(resource);
  const telling = ready?.status === 'True' ? refusedApproval(resource) : ready;
  const type = telling && FAILED_REASONS.get(telling.reason);
  return telling && type !== undefined ? { type, message: telling.message } : null;
}
