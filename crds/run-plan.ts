import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';
import { z } from 'zod';

const compress = promisify(gzip);
const decompress = promisify(gunzip);

/** What a plan does to a resource. `replace` destroys it and makes it anew. */
export const PLAN_ACTIONS = ['create', 'update', 'replace', 'delete', 'read'] as const;

/** Key of the ConfigMap's `binaryData` under which the plan stands: gzip of its JSON. */
export const RUN_PLAN_KEY = 'plan.json.gz';
/** Value of the component label of that ConfigMap. */
export const RUN_PLAN_COMPONENT = 'run-plan';
/** Longest plan, unpacked: what a reader takes in. */
const LIMIT_BYTES = 4 * 1024 * 1024;

const count = z.number().int().min(0);

/** A value as a person may see it: as JSON text, or why it is not shown. */
export const shownValueSchema = z.union([
  z.strictObject({ json: z.string() }),
  z.strictObject({ hidden: z.enum(['sensitive', 'known after apply']) }),
]);

/** One attribute that changes; before is absent on what is new, after on what goes. */
export const plannedAttributeSchema = z.strictObject({
  path: z.string(),
  before: shownValueSchema.optional(),
  after: shownValueSchema.optional(),
  forcesReplacement: z.literal(true).optional(),
});

/** One resource that the plan touches. */
export const plannedResourceSchema = z.strictObject({
  address: z.string(),
  type: z.string(),
  action: z.enum(PLAN_ACTIONS),
  /** Why it is replaced or destroyed, in the engine's word. */
  reason: z.string().optional(),
  attributes: z.array(plannedAttributeSchema),
  /** How many more attributes change than are listed. */
  attributesOmitted: count,
});

/** What the runner says about its plan; masked and bounded. */
export const planViewSchema = z.strictObject({
  resources: z.array(plannedResourceSchema),
  resourcesOmitted: count,
  /** As the engine prints it. */
  text: z.string(),
});

/** A plan as it is shown, with everything that it is bound to. */
export const runPlanSchema = planViewSchema.extend({
  /** SHA-256 of the plan file, `sha256:<hex>`. */
  planDigest: z.string(),
  inputsDigest: z.string(),
  classRevision: z.string(),
  /** Version of the state that it was made on; 0 when there was none. */
  stateVersion: count,
  /** SHA-256 of the providers' lock file. */
  providersDigest: z.string(),
  changes: z.strictObject({ add: count, change: count, destroy: count }),
  createdAt: z.iso.datetime(),
});

export type PlanAction = (typeof PLAN_ACTIONS)[number];
export type ShownValue = z.infer<typeof shownValueSchema>;
export type PlannedAttribute = z.infer<typeof plannedAttributeSchema>;
export type PlannedResource = z.infer<typeof plannedResourceSchema>;
export type PlanView = z.infer<typeof planViewSchema>;
export type RunPlan = z.infer<typeof runPlanSchema>;

/** Name of the ConfigMap, in the runs namespace, with the plan of a run. */
export function runPlanName(run: string): string {
  return `${run}-plan`;
}

/** The plan as base64, fit for `binaryData`. */
export async function encodeRunPlan(plan: RunPlan): Promise<string> {
  return (await compress(JSON.stringify(plan))).toString('base64');
}

/**
 * The plan out of `binaryData`.
 *
 * @throws {z.ZodError} | {SyntaxError} | {RangeError} if it is not one, or larger than ours are
 */
export async function decodeRunPlan(base64: string): Promise<RunPlan> {
  const bytes = await decompress(Buffer.from(base64, 'base64'), { maxOutputLength: LIMIT_BYTES });
  return runPlanSchema.parse(JSON.parse(bytes.toString('utf8')));
}
