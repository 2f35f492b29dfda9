import { costOfPlan, type PlanCost } from '../../policies/plan-cost.ts';
import type { RunPlan } from '../../../crds/run-plan.ts';
import { NotFoundError } from '../../errors.ts';
import { RequestRevision } from '../../models/request-revision.ts';
import type { ShownRequest } from '../../models/shown-request.ts';
import { planSchema, planVersion, presentPlan } from '../../presenters/present-plan.ts';
import type { ClassCatalogue } from '../../sync/classes/class-catalogue.ts';
import { etagOf } from '../etag.ts';
import { memberRoute, type Route } from '../route.ts';
import { loadRequest } from './load-request.ts';
import { oneRequest } from './schema.ts';

/** `GET /resource-requests/{id}/plan` */
export function requestPlanRoute(classes: ClassCatalogue): Route {
  return memberRoute({
    method: 'get',
    path: '/resource-requests/{id}/plan',
    summary: 'What would be done if the request were approved',
    description:
      'Of the revision that waits, or else of the one in force. 202 while the plan is being made. ' +
      'Approving takes the ETag of this answer as If-Match, and applies exactly this plan.',
    tag: 'Resource requests',
    params: oneRequest,
    responses: { 200: planSchema, 202: planSchema },
    handle: async (call) => {
      const request = await loadRequest(call);
      const document = await readDocument(call.trx, request);
      const body = presentPlan(request, { document, cost: priceOf(classes, request, document) });
      if (!body) throw new NotFoundError('Nothing is planned for this request.');
      const status = body.status === 'planning' ? 202 : 200;
      return { status, body, headers: { ETag: etagOf(planVersion(request)) } };
    },
  });
}

async function readDocument(
  trx: Parameters<typeof RequestRevision.query>[0] & object,
  request: ShownRequest,
): Promise<RunPlan | null> {
  const row = await RequestRevision.query(trx)
    .select('plan_document')
    .findOne({
      ...{ organization_id: request.organization_id, request_id: request.id },
      revision: request.pending_revision ?? request.revision,
    });
  return row?.plan_document ?? null;
}

function priceOf(
  classes: ClassCatalogue,
  request: ShownRequest,
  document: RunPlan | null,
): PlanCost | null {
  if (!document) return null;
  const cost = classes.find(request.class_name)?.spec.cost;
  const { status, pending_revision, revision } = request;
  const isFirst = status === 'pending' || (pending_revision === null && revision === 1);
  const price = costOfPlan(cost, document, isFirst);
  return price && request.latest_deletes
    ? { ...price, class: { ...price.class, after: 0 } }
    : price;
}
