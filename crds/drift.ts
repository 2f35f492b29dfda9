import { z } from 'zod';
import { DRIFT_ACTIONS, DRIFT_LIMITS } from './drift-limits.ts';

/**
 * How what stands differs from what was applied: addresses, what an apply would do about each, and
 * names of attributes; never values.
 */
export const driftSchema = z.object({
  resources: z
    .array(
      z.object({
        address: z.string().max(DRIFT_LIMITS.address),
        action: z.enum(DRIFT_ACTIONS),
        attributes: z
          .array(z.string().max(DRIFT_LIMITS.attribute))
          .max(DRIFT_LIMITS.attributes)
          .optional(),
      }),
    )
    .max(DRIFT_LIMITS.resources),
  /** How many more resources differ than are listed. */
  omitted: z.number().int().min(0),
});

/** What a Check run found; without resources when nothing differs. */
export type Drift = z.infer<typeof driftSchema>;
