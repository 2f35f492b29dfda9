import { recordAudit } from '../db/audit.ts';
import { enqueueOutbox } from '../db/outbox.ts';
import type { Transaction } from '../db/transaction.ts';
import { ConflictError } from '../errors.ts';
import { Organization } from '../models/organization.ts';
import { Project } from '../models/project.ts';
import type { CommandContext } from './command-context.ts';
import { namespacePayload } from './create-project.ts';

/** Changes a project, which is locked. */
export async function updateProject(
  context: CommandContext,
  project: Project,
  change: { name?: string | undefined },
): Promise<Project> {
  const { trx } = context;
  const patch = { name: change.name ?? project.name };
  const changed = await project.$query(trx).patch(patch).returning(Project.columns);
  await audit(context, 'project.update', project, patch);
  return changed as unknown as Project;
}

/**
 * Deletes a project, which is locked, and asks for the removal of its namespace.
 *
 * @throws {ConflictError} while it has live requests
 */
export async function deleteProject(context: CommandContext, project: Project): Promise<void> {
  const { trx, actor } = context;
  if (await hasLiveRequests(trx, project)) {
    throw new ConflictError('Delete the requests of the project first.', 'HAS_REQUESTS');
  }
  const organization = await Organization.query(trx)
    .select('slug')
    .findById(actor.membership.organizationId)
    .throwIfNotFound();
  await project.$query(trx).patch({ deleted_at: new Date() });
  await enqueueOutbox(trx, {
    organizationId: project.organization_id,
    kind: 'namespace-removal',
    key: project.namespace,
    payload: namespacePayload(organization.slug, project),
  });
  await audit(context, 'project.delete', project, { namespace: project.namespace });
}

async function hasLiveRequests(trx: Transaction, project: Project): Promise<boolean> {
  const rows = await trx('resource_requests')
    .select('id')
    .where({ organization_id: project.organization_id, project_id: project.id })
    .whereNotIn('status', ['rejected', 'cancelled', 'deleted'])
    .limit(1);
  return rows.length > 0;
}

async function audit(
  { trx, actor, request }: CommandContext,
  action: string,
  project: Project,
  details: Record<string, unknown>,
): Promise<void> {
  await recordAudit(trx, {
    organizationId: project.organization_id,
    actor: actor.user,
    action,
    target: { type: 'project', id: project.id },
    details,
    request,
  });
}
