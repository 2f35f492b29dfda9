import { z } from 'zod';
import { orNull } from '../openapi/or-null.ts';
import type { ShownRequest } from '../models/shown-request.ts';
import { REQUEST_STATUSES } from '../policies/request-transitions.ts';
import { presentConditions } from './present-conditions.ts';
import { planSummarySchema, presentPlanSummary } from './present-plan.ts';

const personSchema = z
  .object({ id: z.uuid(), email: z.string().nullable() })
  .meta({ id: 'Person' });
const failureSchema = z.object({ type: z.string(), message: z.string() });
const parametersSchema = z.record(z.string(), z.unknown());

/** A request as the API shows it. */
export const resourceRequestSchema = z
  .object({
    id: z.uuid(),
    organization_id: z.uuid(),
    project_id: z.uuid(),
    class_name: z.string(),
    name: z.string(),
    parameters: parametersSchema.meta({ description: 'Of the revision in force.' }),
    reason: z.string().nullable(),
    origin: z.enum(['api', 'cluster']),
    status: z.enum(REQUEST_STATUSES),
    revision: z.number().int(),
    pending_revision: z
      .number()
      .int()
      .nullable()
      .meta({ description: 'The change that waits for approval, while `revision` runs.' }),
    pending_change: z
      .object({
        deletes: z.boolean().meta({ description: 'Everything that was made is to be destroyed.' }),
        parameters: parametersSchema,
        reason: z.string().nullable(),
        requested_by: orNull(personSchema),
        created_at: z.iso.datetime(),
      })
      .nullable()
      .meta({ description: 'What the pending revision asks for.' }),
    requested_by: orNull(personSchema),
    claimed_requester: z
      .object({ id: z.string(), name: z.string() })
      .nullable()
      .meta({ description: 'Who a resource from the cluster says asked for it. Nobody checked.' }),
    approvals: z
      .object({
        needed: z.number().int().meta({ description: '0: the class approves by itself.' }),
        given: z.array(
          z.object({
            by: personSchema,
            at: z.iso.datetime(),
            comment: z.string().nullable(),
          }),
        ),
      })
      .meta({ description: 'Of the revision that waits, or else of the one in force.' }),
    plan: orNull(planSummarySchema).meta({
      description:
        'Of the revision that waits, or else of the one in force; null where none is made.',
    }),
    approval_expires_at: z.iso.datetime().nullable().meta({
      description: 'After it, the approval of the revision in force starts nothing new.',
    }),
    decided_by: orNull(personSchema),
    decided_at: z.iso.datetime().nullable(),
    decision_comment: z.string().nullable(),
    resource: z.object({ namespace: z.string(), name: z.string() }).nullable(),
    conditions: z.array(z.record(z.string(), z.unknown())),
    outputs: z.record(z.string(), z.unknown()),
    credentials: z
      .object({ secret_name: z.string(), namespace: z.string(), keys: z.array(z.string()) })
      .nullable(),
    failure: failureSchema.nullable(),
    created_at: z.iso.datetime(),
    updated_at: z.iso.datetime(),
  })
  .meta({ id: 'ResourceRequest' });

type Presented = z.infer<typeof resourceRequestSchema>;

/** What is shown of a request, as the database has it. */
export type PresentableRequest = Pick<
  ShownRequest,
  | Exclude<keyof Presented, 'pending_change' | 'approvals' | 'plan' | 'resource'>
  | 'requester_email'
  | 'decider_email'
  | 'resource_namespace'
  | 'resource_name'
  | 'latest_approvers'
  | 'latest_deletes'
  | 'latest_approvals'
  | 'latest_plan_status'
  | 'latest_plan_digest'
  | 'latest_plan_changes'
  | 'latest_plan_failure'
> & {
  /** Of the revision that waits; null may stand here where none does. */
  latest_parameters: Record<string, unknown> | null;
  latest_reason: string | null;
  latest_author: string | null;
  latest_author_email: string | null;
  latest_created_at: Date | null;
};

/** The answer for one request. */
export function presentResourceRequest(request: PresentableRequest): Presented {
  return {
    id: request.id,
    organization_id: request.organization_id,
    project_id: request.project_id,
    class_name: request.class_name,
    name: request.name,
    parameters: request.parameters,
    reason: request.reason,
    origin: request.origin,
    status: request.status,
    revision: request.revision,
    pending_revision: request.pending_revision,
    pending_change: presentPendingChange(request),
    requested_by: presentPerson(request.requested_by, request.requester_email),
    claimed_requester: request.claimed_requester,
    approvals: presentApprovals(request),
    plan: presentPlanSummary(request),
    approval_expires_at: request.approval_expires_at?.toISOString() ?? null,
    decided_by: presentPerson(request.decided_by, request.decider_email),
    decided_at: request.decided_at?.toISOString() ?? null,
    decision_comment: request.decision_comment,
    resource: presentResource(request),
    conditions: presentConditions(request),
    outputs: request.outputs,
    credentials: request.credentials,
    failure: request.failure,
    created_at: request.created_at.toISOString(),
    updated_at: request.updated_at.toISOString(),
  };
}

function presentPerson(id: string | null, email: string | null): Presented['requested_by'] {
  return id === null ? null : { id, email };
}

function presentApprovals(request: PresentableRequest): Presented['approvals'] {
  const given = request.latest_approvals.map(({ by, email, at, comment }) => ({
    ...{ by: { id: by, email }, at, comment },
  }));
  return { needed: request.latest_approvers, given };
}

function presentResource(request: PresentableRequest): Presented['resource'] {
  const { resource_namespace: namespace, resource_name: name } = request;
  return namespace === null || name === null ? null : { namespace, name };
}

function presentPendingChange(request: PresentableRequest): Presented['pending_change'] {
  const { latest_parameters: parameters, latest_created_at: createdAt } = request;
  if (request.pending_revision === null || !parameters || !createdAt) return null;
  return {
    deletes: request.latest_deletes,
    parameters,
    reason: request.latest_reason,
    requested_by: presentPerson(request.latest_author, request.latest_author_email),
    created_at: createdAt.toISOString(),
  };
}
