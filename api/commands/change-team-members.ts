import { recordAudit } from '../db/audit.ts';
import { isUniqueViolation } from '../db/database-error.ts';
import { ConflictError, NotFoundError, ValidationFailedError } from '../errors.ts';
import { Member } from '../models/member.ts';
import { TeamMember, type Team } from '../models/team.ts';
import type { CommandContext } from './command-context.ts';

/**
 * Puts a member of the organisation into a team, and so into its projects.
 *
 * @throws {ValidationFailedError} when they are no member of the organisation
 * @throws {ConflictError} when they are in the team already
 */
export async function addTeamMember(
  context: CommandContext,
  team: Team,
  userId: string,
): Promise<Member> {
  const { trx } = context;
  const member = await Member.of(trx, team.organization_id).findOne('memberships.user_id', userId);
  if (!member) {
    const message = 'They are no member of the organisation; add them there first.';
    throw new ValidationFailedError([{ pointer: '/user_id', message }]);
  }
  try {
    await TeamMember.query(trx).insert(keyOf(team, userId)).returning('user_id');
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new ConflictError('They are in the team already.', 'ALREADY_MEMBER', { cause: error });
  }
  await audit(context, team, { action: 'team_member.add', userId });
  return member;
}

/**
 * Takes somebody out of a team, and so out of its projects.
 *
 * @throws {NotFoundError} when they are not in it
 */
export async function removeTeamMember(
  context: CommandContext,
  team: Team,
  userId: string,
): Promise<void> {
  const removed = await TeamMember.query(context.trx).delete().where(keyOf(team, userId));
  if (removed === 0) throw new NotFoundError();
  await audit(context, team, { action: 'team_member.remove', userId });
}

function keyOf(
  team: Team,
  userId: string,
): Pick<TeamMember, 'organization_id' | 'team_id' | 'user_id'> {
  return { organization_id: team.organization_id, team_id: team.id, user_id: userId };
}

async function audit(
  { trx, actor, request }: CommandContext,
  team: Team,
  deed: { action: string; userId: string },
): Promise<void> {
  await recordAudit(trx, {
    organizationId: team.organization_id,
    actor: actor.user,
    action: deed.action,
    target: { type: 'team', id: team.id },
    details: { user_id: deed.userId },
    request,
  });
}
