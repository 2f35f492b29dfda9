import { z } from 'zod';
import type { ResourceClassSpec } from '../../crds/resource-class.ts';

/** A class as the API shows it: what a requester needs, not how it is made. */
export const resourceClassSchema = z
  .object({
    name: z.string(),
    title: z.string(),
    description: z.string().nullable(),
    category: z.string().nullable(),
    icon: z.string().nullable(),
    parameters: z
      .record(z.string(), z.unknown())
      .meta({ description: 'JSON Schema 2020-12 of the parameters.' }),
    outputs: z.object({ credentials: z.array(z.string()), public: z.array(z.string()) }),
    binding: z.object({ type: z.string(), provider: z.string().nullable() }).nullable(),
    approval: z.object({
      mode: z.enum(['Manual', 'Automatic']),
      approvers: z.number().int().meta({ description: 'How many people have to agree.' }),
      expires_after: z.string().nullable().meta({ description: 'Such as `72h`.' }),
      on_delete: z
        .enum(['Manual', 'Automatic'])
        .meta({ description: 'Manual: people agree before anything is destroyed.' }),
    }),
    price: z.object({ monthly: z.number(), currency: z.string() }).nullable(),
    digest: z.string(),
  })
  .meta({ id: 'ResourceClass' });

type Presented = z.infer<typeof resourceClassSchema>;

/** What is shown of a class. */
export interface ShownClass {
  name: string;
  spec: ResourceClassSpec;
  digest: string;
}

/** The answer for one class. */
export function presentResourceClass({ name, spec, digest }: ShownClass): Presented {
  return {
    name,
    title: spec.title,
    description: spec.description ?? null,
    category: spec.category ?? null,
    icon: spec.icon ?? null,
    parameters: spec.parameters,
    outputs: presentOutputs(spec.outputs),
    binding: spec.binding
      ? { type: spec.binding.type, provider: spec.binding.provider ?? null }
      : null,
    approval: presentApproval(spec.approval),
    price: spec.cost ?? null,
    digest,
  };
}

function presentApproval(rule: ResourceClassSpec['approval']): Presented['approval'] {
  const { mode, approvers = 1, expiresAfter = null, onDelete } = rule;
  return {
    ...{ mode, approvers: mode === 'Automatic' ? 0 : approvers },
    ...{ expires_after: expiresAfter, on_delete: onDelete },
  };
}

function presentOutputs(outputs: ResourceClassSpec['outputs']): Presented['outputs'] {
  const credentials = outputs?.credentials ?? [];
  return {
    credentials: credentials.map((output) => (typeof output === 'string' ? output : output.as)),
    public: outputs?.public ?? [],
  };
}
