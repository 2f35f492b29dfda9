import { z } from 'zod';
import { ValidationFailedError } from '../../errors.ts';
import { PERIODS, sumUsage } from '../../models/usage.ts';
import { authorize } from '../../policies/authorize.ts';
import { canUsage } from '../../policies/quota-policy.ts';
import { presentUsage, usageSchema } from '../../presenters/present-usage.ts';
import { memberRoute, type Route } from '../route.ts';

const DAY_MS = 24 * 3_600_000;
/** The longest time that one call may ask about, so that an answer stays small. */
const LONGEST_DAYS = { hour: 31, day: 366, month: 3660 } as const;

const query = z.strictObject({
  from: z.iso.datetime({ offset: true }),
  to: z.iso.datetime({ offset: true }),
  period: z.enum(PERIODS).default('day'),
  project_id: z.uuid().optional(),
  class_name: z.string().max(63).optional(),
});

/** `GET /usage` */
const showUsage = memberRoute({
  method: 'get',
  path: '/usage',
  summary: 'Show what was used, and what it cost',
  description:
    'By period, project and class, with the total of each currency. Hours that began from `from` ' +
    'on and before `to` count; periods begin by UTC.',
  tag: 'Quotas and usage',
  query,
  responses: { 200: usageSchema },
  handle: async ({ actor, trx, input }) => {
    const { organizationId } = actor.membership;
    authorize(canUsage, actor, 'read', { organization_id: organizationId });
    const { from, to, ...rest } = input.query;
    const span = { from: new Date(from), to: new Date(to) };
    refuseLongSpan(span, LONGEST_DAYS[rest.period]);
    const sums = await sumUsage(trx, { organizationId, ...span, ...rest });
    return { status: 200, body: presentUsage(sums, { ...span, period: rest.period }) };
  },
});

function refuseLongSpan({ from, to }: { from: Date; to: Date }, days: number): void {
  const length = to.getTime() - from.getTime();
  if (length > 0 && length <= days * DAY_MS) return;
  const message = `It lies after from, by ${days} days at most.`;
  throw new ValidationFailedError([{ pointer: '/to', message }]);
}

/** What was used. */
export const usageRoutes: readonly Route[] = [showUsage];
