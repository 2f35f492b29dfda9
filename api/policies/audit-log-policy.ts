import type { Actor } from '../auth/actor.ts';
import { mayAct } from './permissions.ts';

/** Whether an actor may read an audit log: admins that of their organisation. */
export function canAuditLog(
  actor: Actor,
  action: 'read',
  target: { organization_id: string } | null | undefined,
): boolean {
  if (target?.organization_id !== actor.membership.organizationId) return false;
  return mayAct(actor, action, 'audit_logs');
}
