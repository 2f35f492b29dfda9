import { changeResourceRequest } from '../../commands/change-resource-request.ts';
import { checkChangedParameters } from '../../commands/check-parameters.ts';
import { cancelResourceRequest } from '../../commands/decide-resource-request.ts';
import {
  deleteResourceRequest,
  retryResourceRequest,
} from '../../commands/delete-resource-request.ts';
import type { RequestCommand, RequestServices } from '../../commands/request-context.ts';
import type { ShownRequest } from '../../models/shown-request.ts';
import type { RequestAction } from '../../policies/request-transitions.ts';
import {
  presentResourceRequest,
  resourceRequestSchema,
} from '../../presenters/present-resource-request.ts';
import { ConflictError } from '../../errors.ts';
import { requireFresh } from '../etag.ts';
import { memberRoute, type Route, type RouteDocument } from '../route.ts';
import { lockRequestFor, replyWith, requireState, toCommand } from './load-request.ts';
import { oneRequest, updateRequestBody } from './schema.ts';

const TAG = 'Resource requests';

/** `PATCH /resource-requests/{id}` */
function patchRequest(services: RequestServices): Route {
  return memberRoute({
    method: 'patch',
    path: '/resource-requests/{id}',
    summary: 'Ask for something else',
    description: 'A new revision, which needs approval; the one in force keeps running.',
    tag: TAG,
    params: oneRequest,
    body: updateRequestBody,
    ifMatch: 'optional',
    problems: ['MANAGED_IN_CLUSTER', 'QUOTA_EXCEEDED'],
    responses: { 200: resourceRequestSchema },
    handle: async (call) => {
      const request = await lockRequestFor(call, 'update');
      const { parameters, reason = null } = call.input.body;
      requireFresh(call.request.ifMatch, presentResourceRequest(request));
      requireState(request, 'update');
      requireOwnedByApi(request);
      const offered = checkChangedParameters(services.classes, request.class_name, parameters);
      const change = { offered, parameters, reason };
      await changeResourceRequest(toCommand(call, services), request, change);
      return replyWith(call, request.id);
    },
  });
}

/** @throws {ConflictError} MANAGED_IN_CLUSTER for what people keep in the cluster themselves */
function requireOwnedByApi({ origin, resource_namespace, resource_name }: ShownRequest): void {
  if (origin === 'api') return;
  const name = `${resource_namespace ?? ''}/${resource_name ?? ''}`;
  throw new ConflictError(
    `The ResourceRequest ${name} was made in the cluster; change it there.`,
    'MANAGED_IN_CLUSTER',
  );
}

/** An action of the requester that needs no body. */
interface PlainAction {
  action: RequestAction;
  status: number;
  document: Pick<RouteDocument, 'method' | 'path' | 'summary' | 'description'>;
  perform: (command: RequestCommand, request: ShownRequest) => Promise<void>;
}

const plainActions: readonly PlainAction[] = [
  {
    action: 'cancel',
    status: 200,
    document: {
      method: 'post',
      path: '/resource-requests/{id}/cancel',
      summary: 'Take back what waits for approval',
    },
    perform: cancelResourceRequest,
  },
  {
    action: 'retry',
    status: 202,
    document: {
      method: 'post',
      path: '/resource-requests/{id}/retry',
      summary: 'Ask for another try',
    },
    perform: retryResourceRequest,
  },
  {
    action: 'delete',
    status: 202,
    document: {
      method: 'delete',
      path: '/resource-requests/{id}',
      summary: 'Give the resource back',
      description:
        'Everything that was made for it is deprovisioned; the record stays. Where the class wants ' +
        'an approval first, that waits as the pending change, and the request stays what it was.',
    },
    perform: deleteResourceRequest,
  },
];

function plainRoute(services: RequestServices, plain: PlainAction): Route {
  return memberRoute({
    ...plain.document,
    tag: TAG,
    params: oneRequest,
    ifMatch: 'optional',
    responses: { [plain.status]: resourceRequestSchema },
    handle: async (call) => {
      const request = await lockRequestFor(call, plain.action);
      requireFresh(call.request.ifMatch, presentResourceRequest(request));
      requireState(request, plain.action);
      await plain.perform(toCommand(call, services), request);
      return replyWith(call, request.id, plain.status);
    },
  });
}

/** The routes of this file. */
export function changeRequestRoutes(services: RequestServices): readonly Route[] {
  return [patchRequest(services), ...plainActions.map((plain) => plainRoute(services, plain))];
}
