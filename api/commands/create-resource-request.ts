import { v7 as uuid } from 'uuid';
import { needsApproval, wantsPreview } from '../../crds/preview.ts';
import { isUniqueViolation } from '../db/database-error.ts';
import { ConflictError } from '../errors.ts';
import type { Project } from '../models/project.ts';
import { RequestRevision } from '../models/request-revision.ts';
import { ResourceRequest } from '../models/resource-request.ts';
import type { OfferedClass } from '../sync/classes/offered-class.ts';
import { admitRevision, approversOf } from './approve-revision.ts';
import { checkQuota } from './check-quota.ts';
import { orderPlan } from './order-plan.ts';
import { recordDeed, type RequestCommand } from './request-context.ts';

/** What is asked for; the parameters were checked against the class. */
export interface NewRequest {
  project: Project;
  offered: OfferedClass;
  name: string;
  parameters: Record<string, unknown>;
  reason: string | null;
}

/** What stands in the record where the class approved. */
export const AUTOMATIC_COMMENT = 'Approved automatically, as the class says.';

/**
 * Makes a request: pending, or approved where its class needs nobody.
 *
 * @returns the id
 * @throws {QuotaExceededError} when a quota leaves no room for it
 * @throws {ConflictError} when a live request of the project has the name
 */
export async function createResourceRequest(
  command: RequestCommand,
  props: NewRequest,
): Promise<string> {
  const row = {
    id: uuid(),
    organization_id: props.project.organization_id,
    name: props.name,
    class_name: props.offered.name,
    parameters: props.parameters,
    reason: props.reason,
    requested_by: command.actor.user.id,
  };
  await checkQuota(command.trx, command.services.classes, {
    organization_id: row.organization_id,
    project_id: props.project.id,
    ...{ className: row.class_name, counting: 'live' },
  });
  await insertRequest(command, { ...row, project_id: props.project.id });
  await insertRevision(command, row, approversOf(props.offered));
  await recordDeed(command, {
    id: row.id,
    event: 'requested',
    action: 'create',
    details: { name: row.name, class_name: row.class_name, project_id: props.project.id },
    change: { before: null, after: { status: 'pending', parameters: row.parameters } },
  });
  if (wantsPreview(props.offered.spec)) {
    await orderPlan(command.trx, { ...row, origin: 'api' }, 1);
  } else if (!needsApproval(props.offered.spec)) {
    const { parameters, reason } = props;
    const question = { request: row, namespace: props.project.namespace, parameters, reason };
    await admitRevision(command, {
      ...question,
      revision: 1,
      offered: props.offered,
      comment: AUTOMATIC_COMMENT,
    });
  }
  return row.id;
}

async function insertRequest(
  { trx }: RequestCommand,
  row: Partial<ResourceRequest>,
): Promise<void> {
  try {
    await ResourceRequest.query(trx).insert(row).returning('id');
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    const message = 'The project has a live request of this name.';
    throw new ConflictError(message, 'NAME_TAKEN', { cause: error });
  }
}

async function insertRevision(
  { trx }: RequestCommand,
  row: Pick<
    ResourceRequest,
    'id' | 'organization_id' | 'class_name' | 'parameters' | 'reason' | 'requested_by'
  >,
  approvers: number,
): Promise<void> {
  const { id: requestId, organization_id, class_name, parameters, reason, requested_by } = row;
  await RequestRevision.query(trx)
    .insert({
      ...{ id: uuid(), organization_id, request_id: requestId, revision: 1 },
      ...{ class_name, parameters, reason, requested_by, approvers },
    })
    .returning('id');
}
