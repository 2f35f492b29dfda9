import { v7 as uuid } from 'uuid';
import { findCondition } from '../../../crds/condition.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import { canonicalJson } from '../../../lib/canonical-json.ts';
import type { Transaction } from '../../db/transaction.ts';
import { RUNNING_STATUSES } from '../../policies/request-transitions.ts';
import { carriesRevision } from '../mirror/mirrored-status.ts';
import { recordPlatformDeed } from '../record-platform-deed.ts';
import { lockSyncedRequest, type SyncedRequest } from '../synced-request.ts';

/** Why people are asked about what they have approved. */
interface Question {
  type: 'plan_outdated' | 'repair_planned';
  message: string;
  /** Of the plan that would be applied. */
  planDigest: string;
}

/** What the operator says while a new plan of what was approved waits for an approval. */
const QUESTIONS: ReadonlyMap<string, Question['type']> = new Map([
  ['ApprovalOutdated', 'plan_outdated'],
  ['ApprovalExpired', 'plan_outdated'],
  // What carries its approval already waits for one of putting its drift right.
  ['AwaitingApproval', 'repair_planned'],
]);

/**
 * Puts before the approvers again what they approved, as a revision of the same content, so that
 * the record keeps both plans and both decisions: when the operator refused it and has made a new
 * plan, or when what runs has drifted, and putting that right has been planned.
 *
 * @param requestId whose resource it is
 * @param resource with a status about its present generation
 */
export async function reopenOutdated(
  trx: Transaction,
  requestId: string,
  resource: ResourceRequest,
): Promise<void> {
  const question = questionOf(resource);
  if (question === undefined) return;
  const request = await lockSyncedRequest(trx, requestId);
  if (!request || !isDecided(request) || !isOf(request, resource)) return;
  if (isRefusedByPeople(request, question)) return;
  const revision = request.newest_revision + 1;
  await trx.raw(COPY, {
    ...{ id: uuid(), organization: request.organization_id, request: request.id },
    ...{ in_force: request.revision, revision },
    reason: question.type === 'repair_planned' ? question.message : null,
  });
  await trx('resource_requests')
    .where({ id: request.id })
    .update({ pending_revision: revision, updated_at: trx.fn.now() });
  const { type, message } = question;
  await recordPlatformDeed(trx, request, {
    ...{ event: type, action: type, message, details: { revision, message } },
    change: { before: { revision: request.revision }, after: { pending_revision: revision } },
  });
}

function questionOf({ status }: ResourceRequest): Question | undefined {
  const approved = findCondition(status?.conditions, 'Approved');
  if (approved?.status !== 'False' || status?.plan === undefined) return undefined;
  const type = QUESTIONS.get(approved.reason);
  return type && { type, message: approved.message, planDigest: status.plan.digest };
}

function isDecided({ status, pending_revision, approval }: SyncedRequest): boolean {
  return RUNNING_STATUSES.includes(status) && pending_revision === null && approval !== null;
}

/**
 * Who was asked again has said no, to the same; that is an answer too. A change asks once more, and
 * so does another plan of putting drift right: something else may have drifted.
 */
function isRefusedByPeople(request: SyncedRequest, { type, planDigest }: Question): boolean {
  const { newest_status: status, newest_parameters: parameters } = request;
  if (!['rejected', 'cancelled'].includes(status) || request.newest_deletes) return false;
  if (type === 'repair_planned') return request.newest_plan_digest === planDigest;
  return canonicalJson(parameters) === canonicalJson(request.parameters);
}

function isOf(request: SyncedRequest, resource: ResourceRequest): boolean {
  return request.resource_uid === resource.metadata.uid && carriesRevision(request, resource);
}

const COPY = `
  insert into request_revisions (id, organization_id, request_id, revision, class_name, parameters,
    reason, requested_by, approvers, deletion_policy, plan_status, plan_at)
  select :id, organization_id, request_id, :revision, class_name, parameters,
    coalesce(:reason, reason), requested_by, greatest(approvers, 1), deletion_policy, 'planning', now()
  from request_revisions where organization_id = :organization and request_id = :request
    and revision = :in_force
`;
