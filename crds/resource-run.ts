import { z } from 'zod';
import { conditionSchema } from './condition.ts';
import { driftSchema } from './drift.ts';
import { failureSchema } from './failure.ts';
import { objectSchema } from './metadata.ts';
import { RUN_ACTIONS } from './resource-request.ts';

const dateTime = z.iso.datetime({ offset: true });
const count = z.number().int().min(0);

/** One run of Terraform; immutable. */
export const resourceRunSpecSchema = z.object({
  requestRef: z.object({
    namespace: z.string().min(1).max(63),
    name: z.string().min(1).max(40),
    uid: z.string().min(1).max(64),
  }),
  action: z.enum(RUN_ACTIONS),
  attempt: z.number().int().min(1),
  classRevision: z.string().min(1).max(253),
  parameters: z.record(z.string(), z.unknown()).optional(),
  inputsDigest: z.string().min(1).max(80),
  planDigest: z.string().max(80).optional(),
  /** Of a Plan: that of a destruction. */
  destroys: z.boolean().optional(),
});

/** How it went. */
export const resourceRunStatusSchema = z.object({
  observedGeneration: z.number().int().optional(),
  jobName: z.string().max(253).optional(),
  startedAt: dateTime.optional(),
  finishedAt: dateTime.optional(),
  changes: z.object({ add: count, change: count, destroy: count }).optional(),
  planDigest: z.string().max(80).optional(),
  drift: driftSchema.optional(),
  failure: failureSchema.optional(),
  conditions: z.array(conditionSchema).max(16).optional(),
});

/** ResourceRun, in the runs namespace only. */
export const resourceRunSchema = objectSchema(
  'ResourceRun',
  resourceRunSpecSchema,
  resourceRunStatusSchema,
);

export type ResourceRunSpec = z.infer<typeof resourceRunSpecSchema>;
export type ResourceRunStatus = z.infer<typeof resourceRunStatusSchema>;
export type ResourceRun = z.infer<typeof resourceRunSchema>;
