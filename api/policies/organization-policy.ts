import type { UserActor } from '../auth/actor.ts';
import { mayAct } from './permissions.ts';

/** What can be done to an organisation. */
export type OrganizationAction = 'read' | 'update' | 'delete';

/** What the policy needs to know of an organisation. */
export interface OrganizationTarget {
  id: string;
}

/**
 * Whether an actor may make an organisation: everybody, but no key, which is for one alone, and no
 * guest, whose organisation goes with them.
 */
export function canCreateOrganization(actor: UserActor): boolean {
  return actor.user.apiKey === undefined && !actor.user.isGuest;
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
  return mayAct({ user: actor.user, membership }, action, 'organizations');
}
