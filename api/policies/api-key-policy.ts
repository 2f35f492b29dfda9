import type { Actor } from '../auth/actor.ts';
import { mayAct } from './permissions.ts';

/** What can be done to the keys of an organisation. */
export type ApiKeyAction = 'read' | 'create' | 'delete';

/** Admins manage the keys of their organisation; keys never make or end keys. */
export function canApiKey(
  actor: Actor,
  action: ApiKeyAction,
  target: { organization_id: string } | null | undefined,
): boolean {
  if (target?.organization_id !== actor.membership.organizationId) return false;
  return mayAct(actor, action, 'api_keys');
}
