import { z } from 'zod';
import { installationSchema } from './installation-schema.ts';

const digest = z.string().regex(/^sha256:[0-9a-f]{64}$/);

/** What a saved plan is bound to; sealed beside it. */
export const planRecordSchema = z.object({
  /** SHA-256 of the plan file. */
  planDigest: digest,
  /** The ResourceRun that made it. */
  run: z.string(),
  /** The request that it was made for; its uid is the api's id while there is no resource yet. */
  request: z.object({ namespace: z.string(), name: z.string(), uid: z.string() }),
  inputsDigest: z.string(),
  classRevision: z.string(),
  /** Version of the state that it starts from; 0 when there was none. */
  stateVersion: z.number().int().min(0),
  /** The engine's record of the providers that made it (`.terraform.lock.hcl`); may be empty. */
  lockFile: z.string(),
  /** Absent in plans of the release before, and where it has to be installed anew. */
  installation: installationSchema.optional(),
  /** What stood where when it was made, by address; see `fingerprintPlan`. */
  fingerprints: z.record(z.string(), z.string()),
  /** Secret values that were made for it; they come into force with it. */
  generated: z.record(z.string(), z.string()),
  createdAt: z.iso.datetime(),
  /** Sealed pieces that the plan file is kept in. */
  chunks: z.number().int().positive(),
});

/** A saved plan without its file. */
export type PlanRecord = z.infer<typeof planRecordSchema>;
