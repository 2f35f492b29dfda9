import { z } from 'zod';
import { recordAudit } from '../../db/audit.ts';
import { RequestEvent } from '../../models/request-event.ts';
import { Run } from '../../models/run.ts';
import { authorize } from '../../policies/authorize.ts';
import { canResourceRequest } from '../../policies/resource-request-policy.ts';
import {
  presentRequestEvent,
  presentRun,
  requestEventSchema,
  runSchema,
} from '../../presenters/present-request-history.ts';
import { NotFoundError } from '../../errors.ts';
import { pageOf, readPage } from '../page.ts';
import { memberRoute, type Route } from '../route.ts';
import { loadRequest, targetOf } from './load-request.ts';
import { listHistoryQuery, oneRequest } from './schema.ts';

const TAG = 'Resource requests';

/** `GET /resource-requests/{id}/events` */
const listEvents = memberRoute({
  method: 'get',
  path: '/resource-requests/{id}/events',
  summary: 'What happened to a request, newest first',
  tag: TAG,
  params: oneRequest,
  query: listHistoryQuery,
  responses: { 200: pageOf(requestEventSchema) },
  handle: async (call) => {
    const request = await loadRequest(call);
    const query = RequestEvent.of(call.trx, request);
    const page = await readPage(query, call.input.query, 'request_events.id');
    return { status: 200, body: { items: page.items.map(presentRequestEvent), next: page.next } };
  },
});

/** `GET /resource-requests/{id}/runs` */
const listRuns = memberRoute({
  method: 'get',
  path: '/resource-requests/{id}/runs',
  summary: 'The runs of a request, newest first',
  tag: TAG,
  params: oneRequest,
  query: listHistoryQuery,
  responses: { 200: pageOf(runSchema) },
  handle: async (call) => {
    const request = await loadRequest(call);
    const page = await readPage(Run.of(call.trx, request), call.input.query);
    return { status: 200, body: { items: page.items.map(presentRun), next: page.next } };
  },
});

const credentialsSchema = z
  .object({ secret_name: z.string(), namespace: z.string(), keys: z.array(z.string()) })
  .meta({ id: 'Credentials' });

/** `GET /resource-requests/{id}/credentials` */
const showCredentials = memberRoute({
  method: 'get',
  path: '/resource-requests/{id}/credentials',
  summary: 'Where the credentials are; never what they are',
  tag: TAG,
  params: oneRequest,
  recordsRead: true,
  responses: { 200: credentialsSchema },
  handle: async (call) => {
    const request = await loadRequest(call);
    authorize(canResourceRequest, call.actor, 'read_credentials', await targetOf(call, request));
    if (!request.credentials) throw new NotFoundError('There are no credentials yet.');
    await recordAudit(call.trx, {
      organizationId: request.organization_id,
      actor: call.actor.user,
      action: 'resource_request.read_credentials',
      target: { type: 'resource_request', id: request.id },
      details: { secret_name: request.credentials.secret_name },
      request: call.request,
    });
    return { status: 200, body: request.credentials };
  },
});

/** The routes of this file. */
export const requestHistoryRoutes: readonly Route[] = [listEvents, listRuns, showCredentials];
