import { checkNewParameters } from '../../commands/check-parameters.ts';
import { createResourceRequest } from '../../commands/create-resource-request.ts';
import type { RequestServices } from '../../commands/request-context.ts';
import type { CredentialsReader } from '../../credentials/credentials-reader.ts';
import { findPlace } from '../../models/project-place.ts';
import {
  selectRequest,
  selectRequests,
  presentedRequestRow,
} from '../../models/shown-request-rows.ts';
import type { RunLogs } from '../../run-logs/run-logs.ts';
import { authorize } from '../../policies/authorize.ts';
import { canResourceRequest } from '../../policies/resource-request-policy.ts';
import {
  presentResourceRequest,
  resourceRequestSchema,
} from '../../presenters/present-resource-request.ts';
import { NotFoundError } from '../../errors.ts';
import { etagOf } from '../etag.ts';
import { cutPage, decodeCursor, pageOf } from '../page.ts';
import { readRoute } from '../read-route.ts';
import { memberRoute, type Route } from '../route.ts';
import { changeRequestRoutes } from './change-request.ts';
import { decideRequestRoutes } from './decide-request.ts';
import { authorizeReading, replyWith, targetIn } from './load-request.ts';
import { requestHistoryRoutes } from './request-history.ts';
import { requestCredentialRoutes } from './request-credentials.ts';
import { requestPlanRoute } from './request-plan.ts';
import { requestLogRoutes } from './request-logs.ts';
import { createRequestBody, listRequestsQuery, oneRequest } from './schema.ts';

const TAG = 'Resource requests';

/** `GET /resource-requests` */
const listRequests = readRoute({
  method: 'get',
  path: '/resource-requests',
  summary: 'List the requests of the organisation, newest first',
  tag: TAG,
  query: listRequestsQuery,
  responses: { 200: pageOf(resourceRequestSchema) },
  statement: ({ query }, session) => {
    const { mine, limit, cursor, ...columns } = query;
    const before = cursor === undefined ? undefined : decodeCursor(cursor);
    const requester = mine ? session : undefined;
    return selectRequests({ ...columns, requester, before }, limit + 1);
  },
  answer: ({ actor, input, rows }) => {
    authorizeReading(actor, actor.membership.organizationId);
    const page = cutPage(rows.map(presentedRequestRow.read), input.query);
    const items = page.items.map(presentResourceRequest);
    return { status: 200, body: { items, next: page.next } };
  },
});

/** `GET /resource-requests/{id}` */
const showRequest = readRoute({
  method: 'get',
  path: '/resource-requests/{id}',
  summary: 'Show a request',
  tag: TAG,
  params: oneRequest,
  responses: { 200: resourceRequestSchema },
  statement: ({ params }) => selectRequest(params.id),
  answer: ({ actor, rows: [row] }) => {
    if (!row) throw new NotFoundError();
    const request = presentedRequestRow.read(row);
    authorizeReading(actor, request.organization_id);
    const body = presentResourceRequest(request);
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
      const place = await findPlace(trx, {
        ...{ organization_id: organizationId, project_id },
        user_id: actor.user.id,
      });
      if (!place) throw new NotFoundError('There is no such project.');
      authorize(canResourceRequest, actor, 'create', targetIn(actor, place));
      const props = { place, offered, name, parameters, reason };
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
