import type { Actor } from '../auth/actor.ts';
import { mayAct } from './permissions.ts';

/** What can be done to the teams of an organisation; their people are part of them. */
export type TeamAction = 'read' | 'create' | 'update' | 'delete';

/** Every member reads the teams of the organisation; admins write them. */
export function canTeam(
  actor: Actor,
  action: TeamAction,
  target: { organization_id: string } | null | undefined,
): boolean {
  if (target?.organization_id !== actor.membership.organizationId) return false;
  return mayAct(actor, action, 'teams');
}
