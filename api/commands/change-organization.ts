import { recordAudit } from '../db/audit.ts';
import type { Transaction } from '../db/transaction.ts';
import { ConflictError } from '../errors.ts';
import { Membership } from '../models/membership.ts';
import { Organization } from '../models/organization.ts';
import { Project } from '../models/project.ts';
import { User } from '../models/user.ts';
import type { CommandContext } from './command-context.ts';

/** What can be changed; what is absent stays. */
export interface OrganizationChange {
  name?: string | undefined;
  allow_self_approval?: boolean | undefined;
}

/** Changes an organisation, which is locked. */
export async function updateOrganization(
  { trx, actor, request }: CommandContext,
  organization: Organization,
  change: OrganizationChange,
): Promise<Organization> {
  const before = {
    name: organization.name,
    allow_self_approval: organization.allow_self_approval,
  };
  const patch = {
    name: change.name ?? organization.name,
    allow_self_approval: change.allow_self_approval ?? organization.allow_self_approval,
  };
  const changed = await organization.$query(trx).patch(patch).returning(Organization.columns);
  await recordAudit(trx, {
    organizationId: organization.id,
    actor: actor.user,
    action: 'organization.update',
    target: { type: 'organization', id: organization.id },
    details: { ...patch },
    change: { before, after: patch },
    request,
  });
  return changed as unknown as Organization;
}

/**
 * Deletes an organisation, which is locked, and ends its memberships. Its records stay.
 *
 * @throws {ConflictError} while it has projects
 */
export async function deleteOrganization(
  { trx, actor, request }: CommandContext,
  organization: Organization,
): Promise<void> {
  const project = await Project.live(trx, organization.id).limit(1);
  if (project.length > 0) {
    throw new ConflictError('Delete the projects of the organisation first.', 'HAS_PROJECTS');
  }
  await organization.$query(trx).patch({ deleted_at: new Date() });
  await recordAudit(trx, {
    organizationId: organization.id,
    actor: actor.user,
    action: 'organization.delete',
    target: { type: 'organization', id: organization.id },
    request,
  });
  await endMemberships(trx, organization.id);
}

/** Tokens first: once their membership is gone, the users cannot be seen from here. */
async function endMemberships(trx: Transaction, organizationId: string): Promise<void> {
  const members = Membership.query(trx).select('user_id').where('organization_id', organizationId);
  await User.endTokens(trx, members);
  await Membership.query(trx).delete().where('organization_id', organizationId);
}
