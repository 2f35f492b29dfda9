import { z } from 'zod';
import {
  PLAN_ACTIONS,
  shownValueSchema,
  type PlannedResource,
  type RunPlan,
} from '../../crds/run-plan.ts';
import { PLAN_STATUSES } from '../models/request-revision.ts';
import type { ShownRequest } from '../models/shown-request.ts';
import type { PlanCost } from '../policies/plan-cost.ts';

const count = z.number().int().min(0);
const changesSchema = z.object({ add: count, change: count, destroy: count });
const failureSchema = z.object({ type: z.string(), message: z.string() });
const costChangeSchema = z.object({ before: z.number(), after: z.number() });

/** How far the plan of a request is. */
export const planSummarySchema = z
  .object({
    status: z.enum(PLAN_STATUSES),
    digest: z.string().nullable(),
    changes: changesSchema.nullable(),
    failure: failureSchema.nullable(),
  })
  .meta({ id: 'PlanSummary' });

const resourceSchema = z.object({
  address: z.string(),
  type: z.string(),
  action: z.enum(PLAN_ACTIONS),
  destroys: z.boolean().meta({ description: 'Something that stands is destroyed.' }),
  reason: z.string().nullable(),
  attributes: z.array(
    z.object({
      path: z.string(),
      before: shownValueSchema.nullable().meta({ description: 'Null for what is new.' }),
      after: shownValueSchema.nullable().meta({ description: 'Null for what goes.' }),
      forces_replacement: z.boolean(),
    }),
  ),
  attributes_omitted: count,
});

/** A plan as the API shows it. */
export const planSchema = z
  .object({
    request_id: z.uuid(),
    revision: z.number().int(),
    ...planSummarySchema.shape,
    run: z.string().nullable(),
    created_at: z.iso.datetime().nullable(),
    resources: z
      .array(resourceSchema)
      .meta({ description: 'What destroys something comes first.' }),
    resources_omitted: count,
    text: z.string().nullable().meta({ description: 'As the engine prints it.' }),
    cost: z
      .object({
        currency: z.string(),
        class: costChangeSchema.meta({ description: 'Per month, by the price of the class.' }),
        resources: costChangeSchema.nullable().meta({
          description: 'Per month, of what the plan touches; null where it has no prices.',
        }),
      })
      .nullable(),
  })
  .meta({ id: 'Plan' });

type PresentedPlan = z.infer<typeof planSchema>;
type PresentedResource = PresentedPlan['resources'][number];

/** The summary that stands in the request; null where the class wants no plan. */
export function presentPlanSummary(
  request: Pick<
    ShownRequest,
    'latest_plan_status' | 'latest_plan_digest' | 'latest_plan_changes' | 'latest_plan_failure'
  >,
): z.infer<typeof planSummarySchema> | null {
  if (request.latest_plan_status === null) return null;
  return {
    status: request.latest_plan_status,
    digest: request.latest_plan_digest,
    changes: request.latest_plan_changes,
    failure: request.latest_plan_failure,
  };
}

/**
 * The version of a plan that somebody has seen: which revision, and which plan of it. Two answers
 * with the same one show the same plan.
 */
export function planVersion(request: ShownRequest): object {
  const { id, latest_plan_run: run } = request;
  const revision = request.pending_revision ?? request.revision;
  return { plan_of: id, revision, run, summary: presentPlanSummary(request) };
}

/** What a plan is shown from. */
export interface PlanParts {
  document: RunPlan | null;
  cost: PlanCost | null;
}

/** The answer for a plan; undefined where the class wants none. */
export function presentPlan(request: ShownRequest, parts: PlanParts): PresentedPlan | undefined {
  const summary = presentPlanSummary(request);
  if (!summary) return undefined;
  return {
    request_id: request.id,
    revision: request.pending_revision ?? request.revision,
    ...summary,
    run: request.latest_plan_run,
    ...presentDocument(parts.document),
    cost: parts.cost,
  };
}

function presentDocument(
  document: RunPlan | null,
): Pick<PresentedPlan, 'created_at' | 'resources' | 'resources_omitted' | 'text'> {
  if (!document) return { created_at: null, resources: [], resources_omitted: 0, text: null };
  return {
    created_at: document.createdAt,
    resources: document.resources.map(presentResource).sort(byDanger),
    resources_omitted: document.resourcesOmitted,
    text: document.text,
  };
}

function presentResource(resource: PlannedResource): PresentedResource {
  const { address, type, action, reason = null, attributes, attributesOmitted } = resource;
  return {
    ...{ address, type, action, reason, attributes_omitted: attributesOmitted },
    destroys: action === 'delete' || action === 'replace',
    attributes: attributes.map(({ path, before = null, after = null, forcesReplacement }) => ({
      ...{ path, before, after, forces_replacement: forcesReplacement === true },
    })),
  };
}

function byDanger(left: PresentedResource, right: PresentedResource): number {
  const danger = Number(right.destroys) - Number(left.destroys);
  return danger === 0 ? left.address.localeCompare(right.address) : danger;
}
