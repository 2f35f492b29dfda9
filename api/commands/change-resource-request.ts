import { v7 as uuid } from 'uuid';
import { needsApproval, wantsPreview } from '../../crds/preview.ts';
import { Project } from '../models/project.ts';
import { RequestRevision } from '../models/request-revision.ts';
import { ResourceRequest } from '../models/resource-request.ts';
import type { ShownRequest } from '../models/shown-request.ts';
import type { OfferedClass } from '../sync/classes/offered-class.ts';
import { admitRevision, approversOf } from './approve-revision.ts';
import { checkApprovedParameters } from './check-parameters.ts';
import { AUTOMATIC_COMMENT } from './create-resource-request.ts';
import { orderPlan } from './order-plan.ts';
import { recordDeed, type RequestCommand } from './request-context.ts';

/** What is asked for instead; the parameters were checked against the class. */
export interface RequestChange {
  offered: OfferedClass;
  parameters: Record<string, unknown>;
  reason: string | null;
}

/**
 * Adds a revision to a request; an older one that still waited is superseded. A pending request
 * simply asks for something else now, of any other the revision in force keeps running.
 *
 * @param request locked; its state allows the change
 */
export async function changeResourceRequest(
  command: RequestCommand,
  request: ShownRequest,
  change: RequestChange,
): Promise<void> {
  const { trx, actor } = command;
  const revision = await RequestRevision.nextNumber(trx, request);
  await RequestRevision.settlePending(trx, request, { status: 'superseded' });
  await RequestRevision.query(trx)
    .insert({
      ...{ id: uuid(), organization_id: request.organization_id, request_id: request.id },
      ...{ revision, class_name: request.class_name, parameters: change.parameters },
      ...{ reason: change.reason, requested_by: actor.user.id },
      approvers: approversOf(change.offered),
      deletion_policy: request.latest_deletion_policy,
    })
    .returning('id');
  await recordDeed(command, {
    ...{ id: request.id, event: 'changed', action: 'update' },
    message: change.reason ?? undefined,
    details: { revision },
    change: {
      before: { revision: request.revision, parameters: request.latest_parameters },
      after: { revision, parameters: change.parameters },
    },
  });
  if (!needsApproval(change.offered.spec)) {
    await admitChange(command, request, { ...change, revision });
    return;
  }
  await awaitDecision(command, request, { ...change, revision });
  if (wantsPreview(change.offered.spec)) await orderPlan(trx, request, revision);
}

/**
 * Puts the revision in force before the approvers once more, as a new one: their approval of it
 * has ended, and starts nothing any more.
 *
 * @param request locked; nothing of it waits for a decision
 * @throws {ConflictError} when the class does not take its parameters any more
 */
export async function askForApprovalAgain(
  command: RequestCommand,
  request: ShownRequest,
): Promise<void> {
  const { class_name, parameters, reason } = request;
  const offered = checkApprovedParameters(command.services.classes, class_name, parameters);
  await changeResourceRequest(command, request, { offered, parameters, reason });
}

async function awaitDecision(
  { trx, services }: RequestCommand,
  request: ShownRequest,
  { revision, parameters, reason }: RequestChange & { revision: number },
): Promise<void> {
  const change =
    request.status === 'pending'
      ? { revision, parameters, reason }
      : { pending_revision: revision };
  await ResourceRequest.query(trx)
    .patch({ ...change, updated_at: services.clock.now() })
    .where({ organization_id: request.organization_id, id: request.id });
}

async function admitChange(
  command: RequestCommand,
  request: ShownRequest,
  change: RequestChange & { revision: number },
): Promise<void> {
  await admitRevision(command, {
    ...change,
    request,
    namespace: await findNamespace(command, request),
    comment: AUTOMATIC_COMMENT,
  });
}

/**
 * The namespace of a request's resource: where it is, or where its project has its resources.
 *
 * @throws {objection.NotFoundError} when the project is gone, which live requests prevent
 */
export async function findNamespace(
  { trx }: RequestCommand,
  request: ShownRequest,
): Promise<string> {
  if (request.resource_namespace !== null) return request.resource_namespace;
  const project = await Project.query(trx)
    .select('namespace')
    .findOne({ organization_id: request.organization_id, id: request.project_id })
    .throwIfNotFound();
  return project.namespace;
}
