import {
  approveResourceRequest,
  rejectResourceRequest,
} from '../../commands/decide-resource-request.ts';
import type { RequestServices } from '../../commands/request-context.ts';
import { planVersion } from '../../presenters/present-plan.ts';
import {
  presentResourceRequest,
  resourceRequestSchema,
} from '../../presenters/present-resource-request.ts';
import { requireFresh, requireSeen } from '../etag.ts';
import { memberRoute, type Route } from '../route.ts';
import { lockRequestFor, replyWith, requireState, toCommand } from './load-request.ts';
import { approveBody, oneRequest, rejectBody } from './schema.ts';

const TAG = 'Resource requests';

/** `POST /resource-requests/{id}/approve` */
function approveRequest(services: RequestServices): Route {
  return memberRoute({
    method: 'post',
    path: '/resource-requests/{id}/approve',
    summary: 'Approve what waits',
    description:
      'Needs If-Match with the ETag of what was seen: of the plan where there is one, or of the ' +
      'request. Never for one’s own request.',
    tag: TAG,
    params: oneRequest,
    body: approveBody,
    ifMatch: 'required',
    problems: ['SELF_APPROVAL', 'QUOTA_EXCEEDED', 'PLAN_NOT_READY', 'PLAN_FAILED', 'PLAN_OUTDATED'],
    responses: { 200: resourceRequestSchema },
    handle: async (call) => {
      const request = await lockRequestFor(call, 'approve');
      // Either says which plan was seen: the request shows its digest.
      requireSeen(call.request.ifMatch, presentResourceRequest(request), planVersion(request));
      requireState(request, 'approve');
      const { comment = null } = call.input.body;
      await approveResourceRequest(toCommand(call, services), request, comment);
      return replyWith(call, request.id);
    },
  });
}

/** `POST /resource-requests/{id}/reject` */
function rejectRequest(services: RequestServices): Route {
  return memberRoute({
    method: 'post',
    path: '/resource-requests/{id}/reject',
    summary: 'Reject what waits',
    tag: TAG,
    params: oneRequest,
    body: rejectBody,
    ifMatch: 'optional',
    problems: ['SELF_APPROVAL'],
    responses: { 200: resourceRequestSchema },
    handle: async (call) => {
      const request = await lockRequestFor(call, 'reject');
      requireFresh(call.request.ifMatch, presentResourceRequest(request));
      requireState(request, 'reject');
      await rejectResourceRequest(toCommand(call, services), request, call.input.body.reason);
      return replyWith(call, request.id);
    },
  });
}

/** The routes of this file. */
export function decideRequestRoutes(services: RequestServices): readonly Route[] {
  return [approveRequest(services), rejectRequest(services)];
}
