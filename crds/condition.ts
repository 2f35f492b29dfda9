import { z } from 'zod';

/** `metav1.Condition` (Kubernetes API conventions, "Typical status properties"). */
export const conditionSchema = z.object({
  type: z.string().max(316),
  status: z.enum(['True', 'False', 'Unknown']),
  reason: z
    .string()
    .min(1)
    .max(1024)
    .regex(/^[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?$/),
  message: z.string().max(32768),
  lastTransitionTime: z.iso.datetime({ offset: true }),
  observedGeneration: z.number().int().min(0).optional(),
});

/** One observation about an object. */
export type Condition = z.infer<typeof conditionSchema>;

/** What a writer states; the time is added by {@link setCondition}. */
export type ConditionStatement = Pick<Condition, 'type' | 'status' | 'reason' | 'message'>;

/** Condition types of a ResourceRequest, all present from the first visit. */
export const REQUEST_CONDITIONS = [
  'Ready',
  'Approved',
  'Provisioned',
  'CredentialsReady',
  'Reconciling',
  'Stalled',
  'Drifted',
  'UpgradeAvailable',
] as const;
/** Condition type of a ResourceRequest. */
export type RequestConditionType = (typeof REQUEST_CONDITIONS)[number];

/** The one condition of a ResourceRun: Unknown while it runs, then True or False. */
export const RUN_CONDITION = 'Succeeded';

/**
 * Puts a statement into a list of conditions, by type.
 *
 * `lastTransitionTime` changes only when `status` does (Kubernetes API conventions); the input
 * is not modified.
 *
 * @param conditions the list as it stands, possibly undefined
 * @param statement the new statement
 * @param context the generation that was looked at and the time now (RFC 3339)
 * @returns a new list with exactly one condition of that type
 */
export function setCondition(
  conditions: readonly Condition[] | undefined,
  statement: ConditionStatement,
  context: { observedGeneration: number; now: string },
): Condition[] {
  const list = conditions ?? [];
  const previous = list.find((condition) => condition.type === statement.type);
  const next: Condition = {
    ...statement,
    lastTransitionTime:
      previous?.status === statement.status ? previous.lastTransitionTime : context.now,
    observedGeneration: context.observedGeneration,
  };
  return previous
    ? list.map((condition) => (condition === previous ? next : condition))
    : [...list, next];
}

/** The condition of that type, if the object has it. */
export function findCondition(
  conditions: readonly Condition[] | undefined,
  type: string,
): Condition | undefined {
  return conditions?.find((condition) => condition.type === type);
}
