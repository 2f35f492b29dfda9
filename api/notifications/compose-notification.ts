import { z } from 'zod';
import type { Mail } from '../mail/mailer.ts';
import type { NotificationType } from './notification-types.ts';

const payloadSchema = z.object({
  data: z.object({
    request: z.object({ id: z.string(), name: z.string(), class_name: z.string() }),
    message: z.string().nullable(),
  }),
});

const HAPPENED: Readonly<Record<NotificationType, string>> = {
  'request.submitted': 'was submitted',
  'request.needs_approval': 'needs your approval',
  'request.plan_failed': 'could not be planned',
  'request.approved': 'was approved',
  'request.rejected': 'was rejected',
  'request.ready': 'is ready',
  'request.failed': 'failed',
  'request.expires_soon': 'has an approval that ends soon, and starts nothing after that',
};

/**
 * The mail of a notification. Name and class are DNS labels, so the subject carries nothing that
 * somebody could have made up; what people wrote stands in the text alone.
 *
 * @param to the recipient
 * @param notification its type, and the payload that webhooks get
 */
export function composeNotification(
  to: string,
  { type, payload, url }: { type: string; payload: unknown; url: string },
): Mail {
  const { request, message } = payloadSchema.parse(payload).data;
  const happened = HAPPENED[type as NotificationType];
  const what = `${request.name} (${request.class_name})`;
  return {
    to,
    subject: `Quartermaster: ${request.name} ${happened}`,
    text: [
      `The request ${what} ${happened}.`,
      ...(message === null ? [] : ['', message]),
      '',
      `${url.replace(/\/$/, '')}/api/v1/resource-requests/${request.id}`,
      '',
    ].join('\n'),
  };
}
