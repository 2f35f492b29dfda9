import { v7 as uuid } from 'uuid';
import { findCondition, type Condition } from '../../../crds/condition.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import type { Transaction } from '../../db/transaction.ts';
import { approversOfDeletion } from '../../policies/deletion-approvers.ts';
import type { ClassCatalogue } from '../classes/class-catalogue.ts';
import { isOlder } from '../import/decide-import.ts';
import { recordPlatformDeed } from '../record-platform-deed.ts';
import { lockSyncedRequest, type SyncedRequest } from '../synced-request.ts';

/** What the operator says of an approval that was given and starts nothing. */
const REFUSALS: readonly string[] = ['ApprovalOutdated', 'ApprovalExpired', 'ApprovalInvalid'];
/** What it says while it waits for people. */
const QUESTIONS: readonly string[] = ['AwaitingApproval', 'PlanFailed', ...REFUSALS];

/** A resource, and whose it is. */
export interface OwnedResource {
  requestId: string;
  resource: ResourceRequest;
}

/**
 * Puts the deletion of a resource before the approvers, when Kubernetes deletes it and the operator
 * waits for them: because somebody deleted it there, or because what they approved before is not what
 * would be destroyed any more. Who has said no to this very deletion is not asked again by itself.
 *
 * @param owned with a status about its present generation
 */
export async function askAboutDeletion(
  trx: Transaction,
  classes: ClassCatalogue,
  { requestId, resource }: OwnedResource,
): Promise<void> {
  const ready = findCondition(resource.status?.conditions, 'Ready');
  if (ready?.status !== 'False' || !QUESTIONS.includes(ready.reason)) return;
  const request = await lockSyncedRequest(trx, requestId);
  if (!request || !isOf(request, resource) || !isToBeAsked(request, resource, ready)) return;
  const revision = request.newest_revision + 1;
  const { organization_id: organization, id } = request;
  await settleOthers(trx, request);
  await trx.raw(COPY, {
    ...{ id: uuid(), organization, request: id, in_force: request.revision, revision },
    ...{ approvers: approversOf(request, classes), plan_status: planStatusOf(resource, ready) },
  });
  await trx('resource_requests')
    .where({ id })
    .update({ pending_revision: revision, updated_at: trx.fn.now() });
  await record(trx, request, revision, ready);
}

function isOf(request: SyncedRequest, resource: ResourceRequest): boolean {
  return (
    request.status === 'deleting' &&
    request.resource_uid === resource.metadata.uid &&
    !isOlder(resource, request)
  );
}

function isToBeAsked(
  request: SyncedRequest,
  { metadata, spec }: ResourceRequest,
  ready: Condition,
): boolean {
  if (isAsked(request) || isRefused(request, metadata)) return false;
  // An approval that is on its way, or has not been looked at yet, is not asked for again.
  const isGiven = request.deletes && request.approval !== null;
  return !isGiven || (spec.approval === request.approval && ready.reason !== 'AwaitingApproval');
}

function isAsked({ newest_deletes, newest_status }: SyncedRequest): boolean {
  return newest_deletes && newest_status === 'pending';
}

/** What was said no to before it was deleted in the cluster was another question. */
function isRefused(
  { newest_deletes, newest_status, newest_decided_at: decidedAt }: SyncedRequest,
  { deletionTimestamp = '' }: ResourceRequest['metadata'],
): boolean {
  if (!newest_deletes || newest_status !== 'rejected' || decidedAt === null) return false;
  return decidedAt.getTime() >= Date.parse(deletionTimestamp);
}

function approversOf({ class_name, approvers }: SyncedRequest, classes: ClassCatalogue): number {
  return approversOfDeletion(classes.find(class_name)?.spec, approvers);
}

/** The operator has made the plan before it waits; where it shows none, the class wants none. */
function planStatusOf({ status }: ResourceRequest, { reason }: Condition): 'planning' | null {
  return status?.plan !== undefined || reason === 'PlanFailed' ? 'planning' : null;
}

async function settleOthers(
  trx: Transaction,
  { organization_id, id }: SyncedRequest,
): Promise<void> {
  await trx('request_revisions')
    .where({ organization_id, request_id: id, status: 'pending' })
    .update({ status: 'superseded' });
}

const COPY = `
  insert into request_revisions (id, organization_id, request_id, revision, class_name, parameters,
    reason, requested_by, approvers, deletion_policy, deletes, plan_status, plan_at)
  select :id, organization_id, request_id, :revision, class_name, parameters, null, null,
    :approvers, deletion_policy, true, :plan_status, now()
  from request_revisions where organization_id = :organization and request_id = :request
    and revision = :in_force
`;

/** Who deleted it in the cluster, nobody knows for sure. */
async function record(
  trx: Transaction,
  request: SyncedRequest,
  revision: number,
  { reason, message }: Condition,
): Promise<void> {
  const isAgain = REFUSALS.includes(reason);
  await recordPlatformDeed(trx, request, {
    ...(isAgain
      ? { event: 'plan_outdated', action: 'plan_outdated', message }
      : { event: 'deletion_requested', action: 'delete' }),
    details: { revision, origin: 'cluster' },
    change: {
      before: { pending_revision: request.pending_revision },
      after: { pending_revision: revision },
    },
  });
}
