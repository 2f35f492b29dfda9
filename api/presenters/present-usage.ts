import { z } from 'zod';
import type { UsageSum } from '../models/usage.ts';

const amount = {
  currency: z.string().nullable().meta({ description: 'Null: it had no price.' }),
  seconds: z.int().meta({ description: 'How long resources were there, all together.' }),
  cost: z.string().meta({ description: 'A decimal, with 8 places.', example: '0.05479452' }),
};

/** Usage as the API shows it. */
export const usageSchema = z
  .object({
    from: z.iso.datetime(),
    to: z.iso.datetime(),
    period: z.enum(['hour', 'day', 'month']),
    items: z.array(
      z.object({
        period: z.iso.datetime().meta({ description: 'When it began.' }),
        project_id: z.uuid(),
        class_name: z.string(),
        ...amount,
      }),
    ),
    totals: z.array(z.object(amount)),
  })
  .meta({ id: 'Usage' });

/** The answer for sums of usage. */
export function presentUsage(
  sums: readonly UsageSum[],
  span: { from: Date; to: Date; period: 'hour' | 'day' | 'month' },
): z.infer<typeof usageSchema> {
  const currencies = [...new Set(sums.map(({ currency }) => currency))];
  return {
    from: span.from.toISOString(),
    to: span.to.toISOString(),
    period: span.period,
    items: sums.map((sum) => ({ ...sum, period: sum.period.toISOString() })),
    totals: currencies.map((currency) =>
      totalOf(
        currency,
        sums.filter((sum) => sum.currency === currency),
      ),
    ),
  };
}

function totalOf(
  currency: string | null,
  sums: readonly UsageSum[],
): { currency: string | null; seconds: number; cost: string } {
  const seconds = sums.reduce((total, sum) => total + sum.seconds, 0);
  // Whole numbers: decimals do not add up in floating point.
  const units = sums.reduce((total, sum) => total + BigInt(sum.cost.replace('.', '')), 0n);
  const digits = units.toString().padStart(9, '0');
  return { currency, seconds, cost: `${digits.slice(0, -8)}.${digits.slice(-8)}` };
}
