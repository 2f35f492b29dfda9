import { v7 as uuid } from 'uuid';
import { findCondition } from '../../../crds/condition.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import { canonicalJson } from '../../../lib/canonical-json.ts';
import { recordAudit } from '../../db/audit.ts';
import { recordRequestEvent } from '../../db/request-events.ts';
import type { Transaction } from '../../db/transaction.ts';
import { RUNNING_STATUSES } from '../../policies/request-transitions.ts';
import { carriesRevision } from '../mirror/mirrored-status.ts';
import { lockSyncedRequest, type SyncedRequest } from '../synced-request.ts';

/** Why the operator does not start what was approved, although a new plan of it is there. */
const REFUSALS: readonly string[] = ['ApprovalOutdated', 'ApprovalExpired'];

/**
 * Puts before the approvers again what they approved, when the operator refused it and has made a
 * new plan: as a revision of the same content, so that the record keeps both plans and both
 * decisions.
 *
 * @param requestId whose resource it is
 * @param resource with a status about its present generation
 */
export async function reopenOutdated(
  trx: Transaction,
  requestId: string,
  resource: ResourceRequest,
): Promise<void> {
  const approved = findCondition(resource.status?.conditions, 'Approved');
  const isRefused = approved?.status === 'False' && REFUSALS.includes(approved.reason);
  if (!isRefused || resource.status?.plan === undefined) return;
  const request = await lockSyncedRequest(trx, requestId);
  if (!request || !isToBeAskedAgain(request) || !isOf(request, resource)) return;
  const revision = request.newest_revision + 1;
  await trx.raw(COPY, {
    ...{ id: uuid(), organization: request.organization_id, request: request.id },
    ...{ in_force: request.revision, revision },
  });
  await trx('resource_requests')
    .where({ id: request.id })
    .update({ pending_revision: revision, updated_at: trx.fn.now() });
  await record(trx, request, revision, approved.message);
}

function isToBeAskedAgain(request: SyncedRequest): boolean {
  return isDecided(request) && !isRefusedByPeople(request);
}

function isDecided(request: SyncedRequest): boolean {
  const { status, pending_revision, approval } = request;
  return RUNNING_STATUSES.includes(status) && pending_revision === null && approval !== null;
}

/** Who was asked again has said no, to the same; that is an answer too. A change asks once more. */
function isRefusedByPeople(request: SyncedRequest): boolean {
  const { newest_status: status, newest_parameters: parameters } = request;
  return (
    ['rejected', 'cancelled'].includes(status) &&
    canonicalJson(parameters) === canonicalJson(request.parameters)
  );
}

function isOf(request: SyncedRequest, resource: ResourceRequest): boolean {
  return request.resource_uid === resource.metadata.uid && carriesRevision(request, resource);
}

const COPY = `
  insert into request_revisions (id, organization_id, request_id, revision, class_name, parameters,
    reason, requested_by, approvers, deletion_policy, plan_status, plan_at)
  select :id, organization_id, request_id, :revision, class_name, parameters, reason, requested_by,
    greatest(approvers, 1), deletion_policy, 'planning', now()
  from request_revisions where organization_id = :organization and request_id = :request
    and revision = :in_force
`;

async function record(
  trx: Transaction,
  request: SyncedRequest,
  revision: number,
  message: string,
): Promise<void> {
  const { organization_id: organizationId, id } = request;
  const change = { before: { revision: request.revision }, after: { pending_revision: revision } };
  await recordRequestEvent(trx, {
    ...{ organizationId, requestId: id, type: 'plan_outdated', actorId: null, message },
    details: change,
  });
  await recordAudit(trx, {
    ...{ organizationId, actor: null, action: 'resource_request.plan_outdated' },
    ...{ target: { type: 'resource_request', id }, details: { revision, message }, change },
  });
}
