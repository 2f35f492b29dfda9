import { z } from 'zod';
import { conditionSchema } from './condition.ts';
import { failureSchema } from './failure.ts';
import { objectSchema } from './metadata.ts';

const dateTime = z.iso.datetime({ offset: true });
const count = z.number().int().min(0);

/** What a run does. */
export const RUN_ACTIONS = ['Plan', 'Apply', 'Destroy', 'Check'] as const;
export type RunAction = (typeof RUN_ACTIONS)[number];

/** What a team asks for. */
export const resourceRequestSpecSchema = z.object({
  className: z.string().min(1).max(63),
  parameters: z.record(z.string(), z.unknown()).optional(),
  deletionPolicy: z.enum(['Delete', 'Retain']).optional(),
  requestedBy: z
    .object({ id: z.string().min(1).max(128), name: z.string().min(1).max(320) })
    .optional(),
  approval: z.string().max(8192).optional(),
});

/** What the operator says about it; the operator is the only writer. */
export const resourceRequestStatusSchema = z.object({
  observedGeneration: z.number().int().optional(),
  binding: z.object({ name: z.string().max(253) }).optional(),
  outputs: z.record(z.string(), z.unknown()).optional(),
  approval: z
    .object({
      approvedBy: z.string().max(320).optional(),
      approvedAt: dateTime.optional(),
      expiresAt: dateTime.optional(),
    })
    .optional(),
  applied: z
    .object({
      inputsDigest: z.string().max(80).optional(),
      classRevision: z.string().max(253).optional(),
      run: z.string().max(253).optional(),
      at: dateTime.optional(),
    })
    .optional(),
  run: z
    .object({
      name: z.string().max(253),
      action: z.enum(RUN_ACTIONS),
      attempt: z.number().int().min(1),
    })
    .optional(),
  plan: z
    .object({
      run: z.string().max(253),
      digest: z.string().max(80),
      changes: z.object({ add: count, change: count, destroy: count }).optional(),
    })
    .optional(),
  failure: failureSchema.optional(),
  conditions: z.array(conditionSchema).max(16).optional(),
});

/** ResourceRequest, namespaced. */
export const resourceRequestSchema = objectSchema(
  'ResourceRequest',
  resourceRequestSpecSchema,
  resourceRequestStatusSchema,
);

/** The name of a request: a DNS label of at most 40 characters that starts with a letter. */
export const requestNameSchema = z
  .string()
  .min(1)
  .max(40)
  .regex(/^[a-z]([-a-z0-9]*[a-z0-9])?$/);

export type ResourceRequestSpec = z.infer<typeof resourceRequestSpecSchema>;
export type ResourceRequestStatus = z.infer<typeof resourceRequestStatusSchema>;
export type ResourceRequest = z.infer<typeof resourceRequestSchema>;
