import { z } from 'zod';
import { replaceQuota } from '../../commands/replace-quota.ts';
import { Quota } from '../../models/quota.ts';
import { authorize } from '../../policies/authorize.ts';
import { canQuota } from '../../policies/quota-policy.ts';
import { presentQuota, quotaSchema } from '../../presenters/present-quota.ts';
import { pageOf, pageParameters, readPage } from '../page.ts';
import { memberRoute, type Route } from '../route.ts';

const TAG = 'Quotas and usage';
const most = z.int().min(0).max(1_000_000);

const quotaBody = z
  .strictObject({
    project_id: z.uuid().nullable().default(null),
    requests: most.nullable().default(null),
    classes: z.record(z.string().min(1).max(63), most).default({}),
    monthly_cost: z.number().min(0).max(1e9).nullable().default(null),
    currency: z
      .string()
      .regex(/^[A-Z]{3}$/)
      .nullable()
      .default(null),
  })
  .refine((body) => (body.monthly_cost === null) === (body.currency === null), {
    message: 'A cost has a currency.',
    path: ['currency'],
  })
  .meta({
    id: 'QuotaBody',
    example: { requests: 50, classes: { postgres: 10 }, monthly_cost: 400, currency: 'EUR' },
  });

/** `GET /quotas` */
const listQuotas = memberRoute({
  method: 'get',
  path: '/quotas',
  summary: 'List the quotas of the organisation and its projects',
  tag: TAG,
  query: z.strictObject({ ...pageParameters, project_id: z.uuid().optional() }),
  responses: { 200: pageOf(quotaSchema) },
  handle: async ({ actor, trx, input }) => {
    const key = { organization_id: actor.membership.organizationId };
    authorize(canQuota, actor, 'read', key);
    const { project_id } = input.query;
    const query = Quota.query(trx).where(key);
    if (project_id !== undefined) void query.where({ project_id });
    const page = await readPage(query, input.query);
    return { status: 200, body: { items: page.items.map(presentQuota), next: page.next } };
  },
});

/** `PUT /quotas` */
const putQuota = memberRoute({
  method: 'put',
  path: '/quotas',
  summary: 'Say how much the organisation, or one of its projects, may ask for',
  description:
    'Replaces the quota of the project, or of the organisation without one; null is no limit. ' +
    'Both are asked when something is requested, and again when it is approved.',
  tag: TAG,
  body: quotaBody,
  responses: { 200: quotaSchema },
  handle: async ({ actor, trx, input, request }) => {
    const target = { organization_id: actor.membership.organizationId };
    authorize(canQuota, actor, 'update', target);
    const quota = await replaceQuota({ actor, trx, request }, input.body);
    return { status: 200, body: presentQuota(quota) };
  },
});

/** How much may be asked for. */
export const quotaRoutes: readonly Route[] = [listQuotas, putQuota];
