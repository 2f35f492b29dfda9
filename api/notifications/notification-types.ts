/** What people and programs are told of. */
export const NOTIFICATION_TYPES = [
  'request.submitted',
  'request.needs_approval',
  'request.plan_failed',
  'request.approved',
  'request.rejected',
  'request.ready',
  'request.failed',
  'request.expires_soon',
] as const;

/** A kind of notification. */
export type NotificationType = (typeof NOTIFICATION_TYPES)[number];

/** What an entry in the history of a request means to those who want to know. */
const MEANING: Readonly<Record<string, readonly NotificationType[]>> = {
  requested: ['request.submitted', 'request.needs_approval'],
  imported: ['request.submitted', 'request.needs_approval'],
  changed: ['request.needs_approval'],
  deletion_requested: ['request.needs_approval'],
  plan_ready: ['request.needs_approval'],
  plan_failed: ['request.plan_failed'],
  approved: ['request.approved'],
  rejected: ['request.rejected'],
  ready: ['request.ready'],
  failed: ['request.failed'],
  expires_soon: ['request.expires_soon'],
};

/**
 * The notifications that an event leads to.
 *
 * @param event type of the entry in the history
 * @param isAwaiting whether something of the request waits for a decision now: a class that
 *   approves by itself needs nobody, and what was decided meanwhile needs nobody any more
 */
export function notificationsOf(event: string, isAwaiting: boolean): NotificationType[] {
  return (MEANING[event] ?? []).filter((type) => isAwaiting || type !== 'request.needs_approval');
}
