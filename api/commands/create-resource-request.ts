import { v7 as uuid } from 'uuid';
import { needsApproval, wantsPreview } from '../../crds/preview.ts';
import { isUniqueViolation } from '../db/database-error.ts';
import { runTogether } from '../db/run-together.ts';
import { defineStatement } from '../db/statement.ts';
import { ConflictError } from '../errors.ts';
import type { ProjectPlace } from '../models/project-place.ts';
import type { ResourceRequest } from '../models/resource-request.ts';
import type { OfferedClass } from '../sync/classes/offered-class.ts';
import { admitRevision, approversOf } from './approve-revision.ts';
import { checkQuota } from './check-quota.ts';
import { orderPlan } from './order-plan.ts';
import { deedStatements, type RequestCommand } from './request-context.ts';

/** What is asked for; the parameters were checked against the class. */
export interface NewRequest {
  place: ProjectPlace;
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
  const { project, hasQuota } = props.place;
  const row = {
    id: uuid(),
    organization_id: project.organization_id,
    project_id: project.id,
    name: props.name,
    class_name: props.offered.name,
    parameters: props.parameters,
    reason: props.reason,
    requested_by: command.actor.user.id,
  };
  if (hasQuota) {
    const { organization_id, project_id, class_name: className } = row;
    const demand = { organization_id, project_id, className, counting: 'live' } as const;
    await checkQuota(command.trx, command.services.classes, demand);
  }
  await insertRequest(command, row, approversOf(props.offered));
  if (wantsPreview(props.offered.spec)) {
    await orderPlan(command.trx, { ...row, origin: 'api' }, 1);
  } else if (!needsApproval(props.offered.spec)) {
    const { parameters, reason } = props;
    const question = { request: row, namespace: project.namespace, parameters, reason };
    await admitRevision(command, {
      ...question,
      revision: 1,
      offered: props.offered,
      comment: AUTOMATIC_COMMENT,
    });
  }
  return row.id;
}

type NewRow = Pick<
  ResourceRequest,
  'id' | 'organization_id' | 'project_id' | 'class_name' | 'name'
> &
  Pick<ResourceRequest, 'parameters' | 'reason' | 'requested_by'>;

const insertRow = defineStatement(
  'insert_request',
  `insert into resource_requests
     (id, organization_id, project_id, class_name, name, parameters, reason, requested_by)
   values ($1, $2, $3, $4, $5, $6, $7, $8)`,
);
const insertRevision = defineStatement(
  'insert_revision',
  `insert into request_revisions (id, organization_id, request_id, revision, class_name,
     parameters, reason, requested_by, approvers)
   values ($1, $2, $3, 1, $4, $5, $6, $7, $8)`,
);

/** The request, its first revision, and what is written down of it, in one round trip. */
async function insertRequest(
  command: RequestCommand,
  row: NewRow,
  approvers: number,
): Promise<void> {
  const { id, organization_id, project_id, class_name, name, reason, requested_by } = row;
  const parameters = JSON.stringify(row.parameters);
  const asked = [class_name, parameters, reason, requested_by];
  const deed = {
    ...({ id, event: 'requested', action: 'create' } as const),
    details: { name, class_name, project_id },
    change: { before: null, after: { status: 'pending', parameters: row.parameters } },
  };
  try {
    await runTogether(command.trx, [
      insertRow(
        id,
        organization_id,
        project_id,
        class_name,
        name,
        parameters,
        reason,
        requested_by,
      ),
      insertRevision(uuid(), organization_id, id, ...asked, approvers),
      ...deedStatements(command, deed),
    ]);
  } catch (error) {
    if (!isUniqueViolation(error, 'resource_requests_live_name')) throw error;
    const message = 'The project has a live request of this name.';
    throw new ConflictError(message, 'NAME_TAKEN', { cause: error });
  }
}
