import { z } from 'zod';
import type { Quota } from '../models/quota.ts';

/** A quota as the API shows it. */
export const quotaSchema = z
  .object({
    project_id: z.uuid().nullable().meta({ description: 'Null: of the organisation as a whole.' }),
    requests: z.int().nullable().meta({ description: 'Most live requests; null: no limit.' }),
    classes: z.record(z.string(), z.int()).meta({ description: 'The same by class.' }),
    monthly_cost: z.number().nullable(),
    currency: z.string().nullable(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'Quota' });

/** The answer for one quota. */
export function presentQuota(quota: Quota): z.infer<typeof quotaSchema> {
  return {
    project_id: quota.project_id,
    requests: quota.requests,
    classes: quota.classes,
    monthly_cost: quota.monthly_cost === null ? null : Number(quota.monthly_cost),
    currency: quota.currency,
    updated_at: quota.updated_at.toISOString(),
  };
}
