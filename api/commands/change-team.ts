import { v7 as uuid } from 'uuid';
import { recordAudit } from '../db/audit.ts';
import { isUniqueViolation } from '../db/database-error.ts';
import { ConflictError } from '../errors.ts';
import { Project } from '../models/project.ts';
import { Team } from '../models/team.ts';
import type { CommandContext } from './command-context.ts';

/** What a team is called, and what for. */
export interface TeamProps {
  name: string;
  description: string | null;
}

/**
 * Makes a team.
 *
 * @throws {ConflictError} when the organisation has a team of this name
 */
export async function createTeam(context: CommandContext, props: TeamProps): Promise<Team> {
  const { trx, actor } = context;
  const row = { id: uuid(), organization_id: actor.membership.organizationId, ...props };
  const team = await refuseTakenName(() =>
    Team.query(trx).insert(row).returning(Team.columns).execute(),
  );
  await audit(context, 'create', row.id, { before: null, after: props });
  return team;
}

/**
 * Replaces what a team, which is locked, is called.
 *
 * @throws {ConflictError} when the organisation has another team of this name
 */
export async function replaceTeam(
  context: CommandContext,
  team: Team,
  props: TeamProps,
): Promise<Team> {
  const before = { name: team.name, description: team.description };
  // Changes the model as well.
  await refuseTakenName(() => team.$query(context.trx).patch(props).execute());
  await audit(context, 'update', team.id, { before, after: props });
  return team;
}

/**
 * Deletes a team, which is locked.
 *
 * @throws {ConflictError} while projects belong to it
 */
export async function deleteTeam(context: CommandContext, team: Team): Promise<void> {
  const { trx } = context;
  const projects = await Project.live(trx, team.organization_id).where('team_id', team.id).limit(1);
  if (projects.length > 0) {
    throw new ConflictError('Give the projects of the team to others first.', 'HAS_PROJECTS');
  }
  await team.$query(trx).delete();
  const before = { name: team.name, description: team.description };
  await audit(context, 'delete', team.id, { before, after: null });
}

async function refuseTakenName<T>(write: () => Promise<T>): Promise<T> {
  try {
    return await write();
  } catch (error) {
    if (!isUniqueViolation(error, 'teams_name')) throw error;
    const message = 'The organisation has a team of this name.';
    throw new ConflictError(message, 'NAME_TAKEN', { cause: error });
  }
}

async function audit(
  { trx, actor, request }: CommandContext,
  verb: string,
  id: string,
  change: { before: TeamProps | null; after: TeamProps | null },
): Promise<void> {
  await recordAudit(trx, {
    organizationId: actor.membership.organizationId,
    actor: actor.user,
    action: `team.${verb}`,
    target: { type: 'team', id },
    details: { name: (change.after ?? change.before)?.name },
    change,
    request,
  });
}
