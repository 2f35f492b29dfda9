import type { Actor } from '../auth/actor.ts';
import { mayAct } from './permissions.ts';

/** Whether an actor may see or set the quotas of an organisation: admins that of their own. */
export function canQuota(
  actor: Actor,
  action: 'read' | 'update',
  target: { organization_id: string } | null | undefined,
): boolean {
  if (target?.organization_id !== actor.membership.organizationId) return false;
  return mayAct(actor, action, 'quotas');
}

/** Whether an actor may see what was used and what it cost: admins that of their organisation. */
export function canUsage(
  actor: Actor,
  action: 'read',
  target: { organization_id: string } | null | undefined,
): boolean {
  if (target?.organization_id !== actor.membership.organizationId) return false;
  return mayAct(actor, action, 'usage');
}
