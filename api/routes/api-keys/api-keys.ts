import { z } from 'zod';
import { createApiKey, revokeApiKey } from '../../commands/change-api-keys.ts';
import { ValidationFailedError } from '../../errors.ts';
import { ApiKey } from '../../models/api-key.ts';
import { canApiKey } from '../../policies/api-key-policy.ts';
import { authorize } from '../../policies/authorize.ts';
import { KEY_ROLES } from '../../policies/roles.ts';
import { apiKeySchema, newApiKeySchema, presentApiKey } from '../../presenters/present-api-key.ts';
import { pageOf, pageParameters, readPage } from '../page.ts';
import { memberRoute, type Route } from '../route.ts';

const TAG = 'API keys';
const DAY_MS = 86_400_000;
/** How long a key holds where nothing else is asked for, and at most. */
const DEFAULT_DAYS = 90;
const LONGEST_DAYS = 366;

const createApiKeyBody = z
  .strictObject({
    name: z.string().trim().min(1).max(200),
    role: z.enum(KEY_ROLES),
    expires_at: z.iso
      .datetime({ offset: true })
      .optional()
      .meta({ description: 'At most 366 days ahead; 90 days if absent.' }),
  })
  .meta({ id: 'CreateApiKey' });

/** `POST /api-keys` */
const postApiKey = memberRoute({
  method: 'post',
  path: '/api-keys',
  summary: 'Make a key for a program',
  description:
    'Send it as X-API-Key. It holds while you are an admin, works in all projects, and neither ' +
    'decides about requests nor hands out access. What it asks for counts as asked for by you.',
  tag: TAG,
  body: createApiKeyBody,
  showsSecret: true,
  responses: { 201: newApiKeySchema },
  handle: async ({ actor, trx, input, request }) => {
    const target = { organization_id: actor.membership.organizationId };
    const expiresAt = chooseExpiry(input.body.expires_at, Date.now());
    authorize(canApiKey, actor, 'create', target);
    const props = { name: input.body.name, role: input.body.role, expires_at: expiresAt };
    const { row, key } = await createApiKey({ actor, trx, request }, props);
    // Never from a cache: this is the only place where the key stands.
    const headers = { 'Cache-Control': 'no-store', Location: `/api/v1/api-keys/${row.id}` };
    return { status: 201, body: { ...presentApiKey(row), key }, headers };
  },
});

/** `GET /api-keys` */
const listApiKeys = memberRoute({
  method: 'get',
  path: '/api-keys',
  summary: 'List the keys of the organisation',
  tag: TAG,
  query: z.strictObject({ ...pageParameters }),
  responses: { 200: pageOf(apiKeySchema) },
  handle: async ({ actor, trx, input }) => {
    const { organizationId } = actor.membership;
    authorize(canApiKey, actor, 'read', { organization_id: organizationId });
    const page = await readPage(ApiKey.live(trx, organizationId), input.query);
    return { status: 200, body: { items: page.items.map(presentApiKey), next: page.next } };
  },
});

/** `DELETE /api-keys/{id}` */
const deleteApiKey = memberRoute({
  method: 'delete',
  path: '/api-keys/{id}',
  summary: 'Revoke a key, at once',
  tag: TAG,
  params: z.strictObject({ id: z.uuid() }),
  responses: { 204: null },
  handle: async ({ actor, trx, input, request }) => {
    const target = { organization_id: actor.membership.organizationId };
    authorize(canApiKey, actor, 'delete', target);
    await revokeApiKey({ actor, trx, request }, input.params.id);
    return { status: 204 };
  },
});

/** The routes of this file. */
export const apiKeyRoutes: readonly Route[] = [postApiKey, listApiKeys, deleteApiKey];

function chooseExpiry(wanted: string | undefined, now: number): Date {
  const end = wanted === undefined ? now + DEFAULT_DAYS * DAY_MS : Date.parse(wanted);
  if (end > now && end <= now + LONGEST_DAYS * DAY_MS) return new Date(end);
  const message = `Between now and ${LONGEST_DAYS} days from now.`;
  throw new ValidationFailedError([{ pointer: '/expires_at', message }]);
}
