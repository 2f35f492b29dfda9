import type { UserActor } from '../auth/actor.ts';
import { isPermitted } from './permissions.ts';

/** What can be done to an organisation. */
export type OrganizationAction = 'read' | 'update' | 'delete';

/** What the policy needs to know of an organisation. */
export interface OrganizationTarget {
  id: string;
}

/**
 * Members read their organisation, admins change it; administrators of the platform read all of
 * them.
 */
export function canOrganization(
  actor: UserActor,
  action: OrganizationAction,
  target: OrganizationTarget | null | undefined,
): boolean {
  if (!target) return false;
  if (action === 'read' && actor.user.isAdmin) return true;
  const { membership } = actor;
  if (membership?.organizationId !== target.id) return false;
  return isPermitted(membership.role, action, 'organizations');
}
