import { checkNewParameters } from '../../commands/check-parameters.ts';
import { createResourceRequest } from '../../commands/create-resource-request.ts';
import type { RequestServices } from '../../commands/request-context.ts';
import type { CredentialsReader } from '../../credentials/credentials-reader.ts';
import { Project } from '../../models/project.ts';
import { ResourceRequest, ShownRequest } from '../../models/resource-request.ts';
import type { RunLogs } from '../../run-logs/run-logs.ts';
import { authorize } from '../../policies/authorize.ts';
import { canResourceRequest } from '../../policies/resource-request-policy.ts';
import {
  presentResourceRequest,
  resourceRequestSchema,
} from '../../presenters/present-resource-request.ts';
import { NotFoundError } from '../../errors.ts';
import { etagOf } from '../etag.ts';
import { cutPage, pageOf, selectPage } from '../page.ts';
import { memberRoute, type Route } from '../route.ts';
import { changeRequestRoutes } from './change-request.ts';
import { decideRequestRoutes } from './decide-request.ts';
import { loadRequest, replyWith, targetOf } from './load-request.ts';
import { requestHistoryRoutes } from './request-history.ts';
import { requestCredentialRoutes } from './request-credentials.ts';
import { requestPlanRoute } from './request-plan.ts';
import { requestLogRoutes } from './request-logs.ts';
import { createRequestBody, listRequestsQuery, oneRequest } from './schema.ts';

const TAG = 'Resource requests';

/** `GET /resource-requests` */
const listRequests = memberRoute({
  method: 'get',
  path: '/resource-requests',
  summary: 'List the requests of the organisation, newest first',
  tag: TAG,
  query: listRequestsQuery,
  responses: { 200: pageOf(resourceRequestSchema) },
  handle: async ({ actor, trx, input }) => {
    const organizationId = actor.membership.organizationId;
    const target = { organization_id: organizationId, isProjectMember: false };
    authorize(canResourceRequest, actor, 'read', target);
    const { status, project_id, class_name, mine } = input.query;
    const filters = {
      status,
      project_id,
      class_name,
      requested_by: mine ? actor.user.id : undefined,
    };
    const query = ResourceRequest.query(trx).where({ organization_id: organizationId });
    for (const [column, value] of Object.entries(filters)) {
      if (value !== undefined) void query.where(column, value);
    }
    const rows = await ShownRequest.among(trx, selectPage(query, input.query));
    const page = cutPage(rows, input.query);
    return {
      status: 200,
      body: { items: page.items.map(presentResourceRequest), next: page.next },
    };
  },
});

/** `GET /resource-requests/{id}` */
const showRequest = memberRoute({
  method: 'get',
  path: '/resource-requests/{id}',
  summary: 'Show a request',
  tag: TAG,
  params: oneRequest,
  responses: { 200: resourceRequestSchema },
  handle: async (call) => {
    const body = presentResourceRequest(await loadRequest(call));
    return { status: 200, body, headers: { ETag: etagOf(body) } };
  },
});

/** `POST /resource-requests` */
function postRequest(services: RequestServices): Route {
  return memberRoute({
    method: 'post',
    path: '/resource-requests',
    summary: 'Ask for a resource',
    description: 'Pending until it is approved; approved at once where the class says so.',
    tag: TAG,
    body: createRequestBody,
    problems: ['NOT_FOUND', 'NAME_TAKEN', 'QUOTA_EXCEEDED'],
    responses: { 201: resourceRequestSchema },
    handle: async (call) => {
      const { actor, trx, request } = call;
      const { project_id, class_name, name, parameters, reason = null } = call.input.body;
      const offered = checkNewParameters(services.classes, class_name, parameters);
      const { organizationId } = actor.membership;
      const project = await Project.live(trx, organizationId)
        .findOne({ id: project_id })
        .forShare();
      if (!project) throw new NotFoundError('There is no such project.');
      const thing = { organization_id: organizationId, project_id };
      authorize(canResourceRequest, actor, 'create', await targetOf(call, thing));
      const props = { project, offered, name, parameters, reason };
      const id = await createResourceRequest({ trx, actor, request, services }, props);
      const reply = await replyWith(call, id, 201);
      return {
        ...reply,
        headers: { ...reply.headers, Location: `/api/v1/resource-requests/${id}` },
      };
    },
  });
}

/** The routes of requests. */
export function resourceRequestRoutes(
  services: RequestServices,
  cluster: { logs: RunLogs; credentials: CredentialsReader },
): readonly Route[] {
  return [
    listRequests,
    showRequest,
    postRequest(services),
    ...changeRequestRoutes(services),
    ...decideRequestRoutes(services),
    requestPlanRoute(services.classes),
    ...requestHistoryRoutes,
    ...requestLogRoutes(cluster.logs),
    ...requestCredentialRoutes({ credentials: cluster.credentials, clock: services.clock }),
  ];
}
