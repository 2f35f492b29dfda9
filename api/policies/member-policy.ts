import type { Actor } from '../auth/actor.ts';
import { mayAct } from './permissions.ts';

/** What can be done to the members of an organisation. */
export type MemberAction = 'read' | 'create' | 'update' | 'delete';

/** What the policy needs to know of a membership. */
export interface MemberTarget {
  organization_id: string;
}

/** Members see each other; admins add, change and remove them. */
export function canMember(
  actor: Actor,
  action: MemberAction,
  target: MemberTarget | null | undefined,
): boolean {
  if (target?.organization_id !== actor.membership.organizationId) return false;
  return mayAct(actor, action, 'members');
}
