import { z } from 'zod';
import { conditionSchema } from './condition.ts';
import { objectSchema } from './metadata.ts';

const duration = z
  .string()
  .max(20)
  .regex(/^([0-9]+(s|m|h|d))+$/);

/** A module output that becomes a key of the Secret: its own name, or another one. */
export const credentialOutputSchema = z.union([
  z.string().min(1),
  z.strictObject({ from: z.string().min(1), as: z.string().min(1) }),
]);

/** How a secret input is made. */
export const generatedValueSchema = z.object({
  length: z.number().int().min(16).max(256).default(32),
  characters: z.enum(['alphanumeric', 'hex', 'symbols']).default('alphanumeric'),
});

const approvalSchema = z.object({
  mode: z.enum(['Manual', 'Automatic']).default('Manual'),
  expiresAfter: duration.optional(),
  approvers: z.number().int().min(1).max(10).optional(),
  onDelete: z.enum(['Automatic', 'Manual']).default('Automatic'),
  preview: z.enum(['Required', 'Skipped']).optional(),
  autoApprove: z
    .object({
      maxDestroy: z.number().int().min(0).default(0),
      maxMonthlyCost: z.number().min(0).optional(),
    })
    .optional(),
});

/** What a platform engineer writes about one kind of infrastructure. */
export const resourceClassSpecSchema = z.object({
  title: z.string().min(1).max(100),
  description: z.string().max(4000).optional(),
  category: z.string().max(60).optional(),
  icon: z.string().max(2048).optional(),
  module: z.object({
    source: z.string().min(1).max(2048),
    version: z.string().max(64).optional(),
  }),
  parameters: z.record(z.string(), z.unknown()),
  variables: z.record(z.string(), z.unknown()).optional(),
  generated: z.record(z.string(), generatedValueSchema).optional(),
  outputs: z
    .object({
      credentials: z.array(credentialOutputSchema).max(50).optional(),
      public: z.array(z.string().min(1).max(64)).max(50).optional(),
    })
    .optional(),
  binding: z
    .object({
      type: z
        .string()
        .min(1)
        .max(63)
        .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/),
      provider: z.string().max(63).optional(),
    })
    .optional(),
  engine: z.enum(['opentofu', 'terraform']).default('opentofu'),
  approval: approvalSchema.prefault({}),
  deletionPolicy: z.enum(['Delete', 'Retain']).default('Delete'),
  runner: z
    .object({
      serviceAccountName: z.string().max(63).optional(),
      secretRefs: z
        .array(z.object({ name: z.string().min(1).max(253) }))
        .max(20)
        .optional(),
      resources: z.record(z.string(), z.unknown()).optional(),
    })
    .optional(),
  timeouts: z
    .object({
      plan: duration.optional(),
      apply: duration.optional(),
      destroy: duration.optional(),
    })
    .optional(),
  drift: z
    .object({ interval: duration, action: z.enum(['Report', 'Reapply']).default('Report') })
    .optional(),
  cost: z
    .object({
      monthly: z.number().min(0),
      currency: z.string().regex(/^[A-Z]{3}$/),
      resources: z.record(z.string(), z.number().min(0)).optional(),
    })
    .optional(),
});

/** What the operator says about a class. */
export const resourceClassStatusSchema = z.object({
  observedGeneration: z.number().int().optional(),
  digest: z.string().max(80).optional(),
  revisionName: z.string().max(253).optional(),
  /** Where the revisions, runs and state of this class are: to whom it belongs. */
  revisionNamespace: z.string().max(63).optional(),
  requests: z.number().int().min(0).optional(),
  conditions: z.array(conditionSchema).max(16).optional(),
});

/** ResourceClass, cluster-scoped. */
export const resourceClassSchema = objectSchema(
  'ResourceClass',
  resourceClassSpecSchema,
  resourceClassStatusSchema,
);

export type ResourceClassSpec = z.infer<typeof resourceClassSpecSchema>;
export type ResourceClassStatus = z.infer<typeof resourceClassStatusSchema>;
export type ResourceClass = z.infer<typeof resourceClassSchema>;
