import { recordAudit } from '../db/audit.ts';
import { enqueueOutbox } from '../db/outbox.ts';
import type { Transaction } from '../db/transaction.ts';
import { ConflictError } from '../errors.ts';
import { Organization } from '../models/organization.ts';
import { Project } from '../models/project.ts';
import type { CommandContext } from './command-context.ts';
import { namespacePayload, requireTeam } from './create-project.ts';

/** Changes a project, which is locked. */
export async function updateProject(
  context: CommandContext,
  project: Project,
  change: { name?: string | undefined; team_id?: string | null | undefined },
): Promise<Project> {
  const { trx } = context;
  const before = { name: project.name, team_id: project.team_id };
  const patch = {
    name: change.name ?? project.name,
    team_id: change.team_id === undefined ? project.team_id : change.team_id,
  };
  await requireTeam(trx, project.organization_id, patch.team_id);
  const changed = await project.$query(trx).patch(patch).returning(Project.columns);
  await audit(context, 'project.update', project, { details: patch, before, after: patch });
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
  await audit(context, 'project.delete', project, {
    details: { namespace: project.namespace },
    before: { name: project.name, team_id: project.team_id },
    after: null,
  });
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
  deed: { details: Record<string, unknown>; before: object | null; after: object | null },
): Promise<void> {
  await recordAudit(trx, {
    organizationId: project.organization_id,
    actor: actor.user,
    action,
    target: { type: 'project', id: project.id },
    details: deed.details,
    change: { before: deed.before, after: deed.after },
    request,
  });
}
