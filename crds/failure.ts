import { z } from 'zod';

/** Every way in which a run can fail; each has its retry rule in the operator. */
export const FAILURE_TYPES = [
  'Configuration',
  'Credentials',
  'Quota',
  'Conflict',
  'StateLocked',
  'OutOfMemory',
  'DeadlineExceeded',
  'Interrupted',
  'Transient',
  'Policy',
  /** The plan that was approved is not what would be done any more; nothing was applied. */
  'PlanOutdated',
  'Internal',
] as const;

/** A class of failure. */
export type FailureType = (typeof FAILURE_TYPES)[number];

/** Longest failure message that a status carries, in characters. */
export const FAILURE_MESSAGE_LIMIT = 8192;

/** What went wrong, in the engine's own words (masked), and when it is tried again. */
export const failureSchema = z.object({
  type: z.enum(FAILURE_TYPES),
  message: z.string().max(FAILURE_MESSAGE_LIMIT),
  retryAt: z.iso.datetime({ offset: true }).optional(),
});

/** A failure as a status shows it. */
export type Failure = z.infer<typeof failureSchema>;
