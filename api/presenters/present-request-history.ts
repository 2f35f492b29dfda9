import { z } from 'zod';
import type { RequestEvent } from '../models/request-event.ts';
import type { Run } from '../models/run.ts';

/** An entry in the history of a request as the API shows it. */
export const requestEventSchema = z
  .object({
    id: z.uuid(),
    type: z.string(),
    actor: z.object({ id: z.uuid(), email: z.string().nullable() }).nullable(),
    message: z.string().nullable(),
    details: z.record(z.string(), z.unknown()),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'RequestEvent' });

/** The answer for one event. */
export function presentRequestEvent(event: RequestEvent): z.infer<typeof requestEventSchema> {
  return {
    id: event.id,
    type: event.type,
    actor: event.actor_id === null ? null : { id: event.actor_id, email: event.actor_email },
    message: event.message,
    details: event.details,
    created_at: event.created_at.toISOString(),
  };
}

/** A run as the API shows it. */
export const runSchema = z
  .object({
    name: z.string(),
    action: z.string(),
    attempt: z.number().int(),
    status: z.enum(['pending', 'running', 'succeeded', 'failed']),
    changes: z.object({ add: z.number(), change: z.number(), destroy: z.number() }).nullable(),
    failure: z.object({ type: z.string(), message: z.string() }).nullable(),
    started_at: z.iso.datetime().nullable(),
    finished_at: z.iso.datetime().nullable(),
    created_at: z.iso.datetime(),
  })
  .meta({ id: 'Run' });

/** The answer for one run. */
export function presentRun(run: Run): z.infer<typeof runSchema> {
  return {
    name: run.name,
    action: run.action,
    attempt: run.attempt,
    status: run.status,
    changes: run.changes,
    failure: run.failure,
    started_at: run.started_at?.toISOString() ?? null,
    finished_at: run.finished_at?.toISOString() ?? null,
    created_at: run.created_at.toISOString(),
  };
}
