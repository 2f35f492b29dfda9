import { z } from 'zod';
import { API_VERSION, type Kind } from './constants.ts';

/** The part of ObjectMeta that we read. Unknown fields are kept out, as everywhere. */
export const metadataSchema = z.object({
  name: z.string(),
  namespace: z.string().optional(),
  uid: z.string().optional(),
  resourceVersion: z.string().optional(),
  generation: z.number().int().optional(),
  creationTimestamp: z.string().optional(),
  deletionTimestamp: z.string().optional(),
  labels: z.record(z.string(), z.string()).optional(),
  annotations: z.record(z.string(), z.string()).optional(),
  finalizers: z.array(z.string()).optional(),
  ownerReferences: z.array(z.record(z.string(), z.unknown())).optional(),
});

/** Object metadata as we read it. */
export type Metadata = z.infer<typeof metadataSchema>;

/** The frame of one of our kinds around its spec and status schemas. */
export function objectSchema<K extends Kind, S extends z.ZodType, T extends z.ZodType>(
  kind: K,
  spec: S,
  status: T,
): z.ZodObject<{
  apiVersion: z.ZodLiteral<typeof API_VERSION>;
  kind: z.ZodLiteral<K>;
  metadata: typeof metadataSchema;
  spec: S;
  status: z.ZodOptional<T>;
}> {
  return z.object({
    apiVersion: z.literal(API_VERSION),
    kind: z.literal(kind),
    metadata: metadataSchema,
    spec,
    status: status.optional(),
  });
}
