import { z } from 'zod';
import { planViewSchema } from '../../crds/run-plan.ts';
import { installationSchema } from '../state/installation-schema.ts';

const count = z.number().int().min(0);

/** What a Plan run hands over. */
export const planUploadSchema = z.strictObject({
  /** The plan file. */
  file: z.base64(),
  lockFile: z.string().max(256 * 1024),
  installation: installationSchema.optional(),
  fingerprints: z.record(z.string(), z.string().max(64)),
  changes: z.strictObject({ add: count, change: count, destroy: count }),
  view: planViewSchema,
});

/** A plan as it was handed over. */
export type PlanUpload = z.output<typeof planUploadSchema>;
