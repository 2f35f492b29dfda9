import { z } from 'zod';
import { driftSchema } from '../../crds/drift.ts';
import { FAILURE_MESSAGE_LIMIT, FAILURE_TYPES } from '../../crds/failure.ts';
import { BODY_LIMITS } from './read-body.ts';

const count = z.number().int().min(0);

/** What a runner reports at the end. */
export const runResultSchema = z
  .strictObject({
    outcome: z.enum(['succeeded', 'failed']),
    outputs: z
      .strictObject({
        values: z.record(z.string(), z.unknown()),
        sensitive: z.array(z.string()),
      })
      .optional(),
    changes: z.strictObject({ add: count, change: count, destroy: count }).optional(),
    planDigest: z.string().max(80).optional(),
    drift: driftSchema.optional(),
    failure: z
      .strictObject({
        type: z.enum(FAILURE_TYPES),
        message: z.string().max(FAILURE_MESSAGE_LIMIT),
      })
      .optional(),
    log: z
      .strictObject({ sequence: z.number().int().min(0), text: z.string().max(BODY_LIMITS.log) })
      .optional(),
  })
  .refine((result) => (result.outcome === 'failed') === (result.failure !== undefined), {
    message: 'a failure if and only if it failed',
    path: ['failure'],
  });

/** A result as it was reported. */
export type ReportedResult = z.output<typeof runResultSchema>;
