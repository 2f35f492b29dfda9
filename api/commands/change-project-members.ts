import { recordAudit } from '../db/audit.ts';
import { isUniqueViolation } from '../db/database-error.ts';
import type { Transaction } from '../db/transaction.ts';
import { ConflictError, NotFoundError, ValidationFailedError } from '../errors.ts';
import type { Project } from '../models/project.ts';
import { Member } from '../models/member.ts';
import { ProjectMember } from '../models/project-member.ts';
import type { CommandContext } from './command-context.ts';
import type { UserReference } from './find-user.ts';

/**
 * Adds a member of the organisation to one of its projects.
 *
 * @throws {ValidationFailedError} when they are no member of the organisation
 * @throws {ConflictError} when they are in the project already
 */
export async function addProjectMember(
  context: CommandContext,
  project: Project,
  reference: UserReference,
): Promise<Member> {
  const { trx } = context;
  const member = await findMember(trx, project.organization_id, reference);
  const key = memberKey(project, member.user_id);
  try {
    await ProjectMember.query(trx).insert(key).returning(ProjectMember.columns);
  } catch (error) {
    if (!isUniqueViolation(error)) throw error;
    throw new ConflictError('They are in the project already.', 'ALREADY_MEMBER', { cause: error });
  }
  await audit(context, 'project_member.add', project, member.user_id);
  return member;
}

/**
 * Takes somebody out of a project.
 *
 * @throws {NotFoundError} when they are not in it
 */
export async function removeProjectMember(
  context: CommandContext,
  project: Project,
  userId: string,
): Promise<void> {
  const key = memberKey(project, userId);
  const removed = await ProjectMember.query(context.trx).delete().where(key);
  if (removed === 0) throw new NotFoundError();
  await audit(context, 'project_member.remove', project, userId);
}

function memberKey(
  project: Project,
  userId: string,
): Pick<ProjectMember, 'organization_id' | 'project_id' | 'user_id'> {
  return {
    organization_id: project.organization_id,
    project_id: project.id,
    user_id: userId,
  };
}

async function findMember(
  trx: Transaction,
  organizationId: string,
  reference: UserReference,
): Promise<Member> {
  const [column, value] =
    reference.email === undefined
      ? (['memberships.user_id', reference.user_id ?? null] as const)
      : (['users.email', reference.email] as const);
  const member = await Member.of(trx, organizationId).findOne(column, value);
  if (member) return member;
  const pointer = reference.email === undefined ? '/user_id' : '/email';
  const message = 'They are no member of the organisation; add them there first.';
  throw new ValidationFailedError([{ pointer, message }]);
}

async function audit(
  { trx, actor, request }: CommandContext,
  action: string,
  project: Project,
  userId: string,
): Promise<void> {
  await recordAudit(trx, {
    organizationId: project.organization_id,
    actor: actor.user,
    action,
    target: { type: 'project', id: project.id },
    details: { user_id: userId },
    request,
  });
}
