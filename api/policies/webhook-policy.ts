import type { Actor } from '../auth/actor.ts';
import { mayAct } from './permissions.ts';

/** What can be done to the webhooks of an organisation. */
export type WebhookAction = 'read' | 'create' | 'update' | 'delete';

/** Who may see and change webhooks: admins, unless the organisation says otherwise. */
export function canWebhook(
  actor: Actor,
  action: WebhookAction,
  target: { organization_id: string } | null | undefined,
): boolean {
  if (target?.organization_id !== actor.membership.organizationId) return false;
  return mayAct(actor, action, 'webhooks');
}
