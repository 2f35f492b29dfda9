import { v7 as uuid } from 'uuid';
import { needsDeletionApproval, wantsDeletionPreview } from '../../crds/preview.ts';
import { RequestRevision } from '../models/request-revision.ts';
import { ResourceRequest } from '../models/resource-request.ts';
import type { ShownRequest } from '../models/shown-request.ts';
import { approversOfDeletion } from '../policies/deletion-approvers.ts';
import { RUNNING_STATUSES } from '../policies/request-transitions.ts';
import { orderPlan } from './order-plan.ts';
import { recordDeed, type RequestCommand } from './request-context.ts';

/**
 * Whether people are asked before what a request has made is destroyed: by the class as it is now, and
 * where something is there to be destroyed. Where this says no and is wrong, the operator still
 * asks.
 *
 * @throws {UnavailableError} while the classes are not known
 */
export async function isDeletionAsked(
  command: RequestCommand,
  request: ShownRequest,
): Promise<boolean> {
  if (request.resource_uid === null || !RUNNING_STATUSES.includes(request.status)) return false;
  const offered = command.services.classes.find(request.class_name);
  if (!offered || !needsDeletionApproval(offered.spec)) return false;
  const inForce = await readInForce(command, request);
  return (inForce?.deletion_policy ?? offered.spec.deletionPolicy) === 'Delete';
}

/**
 * Puts the deletion of a request before the approvers, as a revision of its own kind; what else
 * waited is superseded, and what is in force goes on.
 *
 * @param request locked; it has a resource, and no deletion of it waits
 */
export async function fileDeletion(command: RequestCommand, request: ShownRequest): Promise<void> {
  const { trx, actor, services } = command;
  const { id, organization_id, class_name, parameters } = request;
  const spec = services.classes.find(class_name)?.spec;
  const inForce = await readInForce(command, request);
  const revision = await RequestRevision.nextNumber(trx, request);
  await RequestRevision.settlePending(trx, request, { status: 'superseded' });
  await RequestRevision.query(trx)
    .insert({
      ...{ id: uuid(), organization_id, request_id: id, revision, deletes: true },
      ...{ class_name, parameters, reason: null, requested_by: actor.user.id },
      approvers: approversOfDeletion(spec, inForce?.approvers),
      deletion_policy: inForce?.deletion_policy ?? null,
    })
    .returning('id');
  await ResourceRequest.query(trx)
    .patch({ pending_revision: revision, updated_at: services.clock.now() })
    .where({ organization_id, id });
  await recordDeed(command, {
    ...{ id, event: 'deletion_requested', action: 'delete', details: { revision } },
    change: {
      before: { status: request.status, pending_revision: request.pending_revision },
      after: { status: request.status, pending_revision: revision },
    },
  });
  // Of a class that is gone nobody knows better than that a plan is wanted.
  if (!spec || wantsDeletionPreview(spec)) {
    await orderPlan(trx, { ...request, deletes: true }, revision);
  }
}

async function readInForce(
  { trx }: RequestCommand,
  { organization_id, id, revision }: ShownRequest,
): Promise<RequestRevision | undefined> {
  return RequestRevision.query(trx).findOne({ organization_id, request_id: id, revision });
}
