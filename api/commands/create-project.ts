import { v7 as uuid } from 'uuid';
import { recordAudit } from '../db/audit.ts';
import { isUniqueViolation } from '../db/database-error.ts';
import { enqueueOutbox, type NamespacePayload } from '../db/outbox.ts';
import type { Transaction } from '../db/transaction.ts';
import { ConflictError, ValidationFailedError } from '../errors.ts';
import { chooseSlug } from './choose-slug.ts';
import type { CommandContext } from './command-context.ts';
import { Organization } from '../models/organization.ts';
import { Team } from '../models/team.ts';
import { Project } from '../models/project.ts';
import { projectNamespace } from '../policies/project-namespace.ts';

/**
 * Makes a project, and asks for its namespace.
 *
 * @throws {ValidationFailedError} when the slug or the namespace that follows cannot be
 * @throws {ConflictError} when the slug or the namespace is taken
 */
export async function createProject(
  { trx, actor, request }: CommandContext,
  props: { name: string; slug?: string | undefined; team_id?: string | null | undefined },
): Promise<Project> {
  const { organizationId } = actor.membership;
  const organization = await Organization.query(trx)
    .select('slug')
    .findById(organizationId)
    .throwIfNotFound();
  const slug = chooseSlug(props);
  const teamId = props.team_id ?? null;
  await requireTeam(trx, organizationId, teamId);
  const project = await insertProject(trx, {
    id: uuid(),
    organization_id: organizationId,
    name: props.name,
    slug,
    namespace: chooseNamespace(organization.slug, slug),
    team_id: teamId,
  });
  await enqueueOutbox(trx, {
    organizationId,
    kind: 'namespace',
    key: project.namespace,
    payload: namespacePayload(organization.slug, project),
  });
  await recordAudit(trx, {
    organizationId,
    actor: actor.user,
    action: 'project.create',
    target: { type: 'project', id: project.id },
    details: { name: project.name, namespace: project.namespace },
    change: { before: null, after: { name: project.name, slug, team_id: teamId } },
    request,
  });
  return project;
}

/** What the relay needs to know of a project's namespace. */
export function namespacePayload(organizationSlug: string, project: Project): NamespacePayload {
  return {
    organization_slug: organizationSlug,
    project_id: project.id,
    project_slug: project.slug,
    namespace: project.namespace,
  };
}

/**
 * Holds a team that a project is to belong to: it cannot be deleted before the end of the
 * transaction.
 *
 * @throws {ValidationFailedError} when the organisation has no such team
 */
export async function requireTeam(
  trx: Transaction,
  organizationId: string,
  teamId: string | null,
): Promise<void> {
  if (teamId === null) return;
  if (await Team.of(trx, organizationId).findOne({ id: teamId }).forShare()) return;
  const message = 'The organisation has no such team.';
  throw new ValidationFailedError([{ pointer: '/team_id', message }]);
}

async function insertProject(
  trx: Transaction,
  row: Pick<Project, 'id' | 'organization_id' | 'name' | 'slug' | 'namespace' | 'team_id'>,
): Promise<Project> {
  try {
    return await Project.query(trx).insert(row).returning(Project.columns);
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new ConflictError('The slug is taken; choose another.', 'SLUG_TAKEN', { cause: error });
  }
}

function chooseNamespace(organizationSlug: string, slug: string): string {
  const namespace = projectNamespace(organizationSlug, slug);
  if (namespace !== undefined) return namespace;
  const message = 'Too long together with the slug of the organisation: 62 characters at most.';
  throw new ValidationFailedError([{ pointer: '/slug', message }]);
}
