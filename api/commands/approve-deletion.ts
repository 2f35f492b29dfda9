import { v7 as uuid } from 'uuid';
import { deletionDigest, type DeletedResource } from '../../crds/approval.ts';
import { wantsDeletionPreview } from '../../crds/preview.ts';
import type { SignedApproval } from '../approvals/approval-signer.ts';
import { ConflictError } from '../errors.ts';
import { RequestRevision, type GivenApproval } from '../models/request-revision.ts';
import { ResourceRequest } from '../models/resource-request.ts';
import type { ShownRequest } from '../models/shown-request.ts';
import { approversOfDeletion } from '../policies/deletion-approvers.ts';
import type { OfferedClass } from '../sync/classes/offered-class.ts';
import { enqueueRequest } from './approve-revision.ts';
import { giveApproval } from './give-approval.ts';
import { recordDeed, type RequestCommand } from './request-context.ts';
import { requireReadyPlan } from './require-plan.ts';

/** What is approved, and by whom. */
interface DeletionDecision {
  resource: DeletedResource;
  offered: OfferedClass | undefined;
  plan: string | undefined;
  approvals: GivenApproval[];
  comment: string | null;
}

/**
 * Gives the actor's yes to the deletion that waits. With the last one that is wanted, the order to
 * delete goes out with the signed statement of it. The class may be gone by then.
 *
 * @param request locked; its deletion waits for a decision
 * @throws {ConflictError} when the actor said yes before, or there is no plan of it that could be
 *   approved
 * @throws {ForbiddenError} SELF_APPROVAL, for what only others may approve
 */
export async function approveDeletion(
  command: RequestCommand,
  request: ShownRequest,
  comment: string | null,
): Promise<void> {
  const offered = command.services.classes.find(request.class_name);
  const resource = resourceOf(request);
  const plan = planOf(request, resource, offered);
  const needed = approversOfDeletion(offered?.spec, request.latest_approvers);
  const approvals = await giveApproval(command, request, { comment, needed });
  if (approvals === undefined) return;
  const decision = { resource, offered, plan, approvals, comment };
  await orderDeletion(command, request, decision, await sign(command, decision));
}

/** @throws {ConflictError} where the resource went away meanwhile */
function resourceOf(request: ShownRequest): DeletedResource {
  const { resource_namespace: namespace, resource_name: name, resource_uid: uid } = request;
  if (namespace === null || name === null || uid === null) {
    throw new ConflictError('There is no resource of this request.');
  }
  return { namespace, name, uid };
}

/** @throws {ConflictError} PLAN_NOT_READY, PLAN_FAILED or PLAN_OUTDATED */
function planOf(
  request: ShownRequest,
  resource: DeletedResource,
  offered: OfferedClass | undefined,
): string | undefined {
  const isWanted = offered
    ? wantsDeletionPreview(offered.spec)
    : request.latest_plan_status !== null;
  return isWanted ? requireReadyPlan(request, deletionDigest(resource)) : undefined;
}

function sign(
  { services, actor }: RequestCommand,
  { resource, offered, plan }: DeletionDecision,
): Promise<SignedApproval> {
  const { id, email } = actor.user;
  return services.approvals.signDeletion(
    { resource, classSpec: offered?.spec, plan },
    { approver: { id, email }, id: uuid(), now: services.clock.now() },
  );
}

async function orderDeletion(
  command: RequestCommand,
  request: ShownRequest,
  { offered, plan, approvals, comment }: DeletionDecision,
  signed: SignedApproval,
): Promise<void> {
  const { trx, actor } = command;
  const revision = request.pending_revision ?? request.revision;
  const decision = {
    decided_by: actor.user.id,
    decided_at: command.services.clock.now(),
    decision_comment: comment,
  };
  await RequestRevision.settlePending(trx, request, {
    ...{ ...decision, status: 'approved', approval: signed.token, approvals },
    ...{ class_digest: offered?.digest ?? null, inputs_digest: signed.inputsDigest },
    approvers: approversOfDeletion(offered?.spec, request.latest_approvers),
  });
  await ResourceRequest.query(trx)
    .patch({
      ...{ ...decision, status: 'deleting', revision, pending_revision: null },
      ...{ approval_expires_at: signed.expiresAt, updated_at: decision.decided_at },
    })
    .where({ organization_id: request.organization_id, id: request.id });
  await enqueueRequest(trx, request);
  await recordDeed(command, {
    ...{ id: request.id, event: 'approved', action: 'approve', message: comment ?? undefined },
    details: {
      ...{ revision, deletes: true, approvals: approvals.length },
      ...(plan === undefined ? {} : { plan }),
    },
    change: {
      before: { status: request.status, revision: request.revision },
      after: { status: 'deleting', revision },
    },
  });
}
