import { RequestEvent } from '../../models/request-event.ts';
import { Run } from '../../models/run.ts';
import {
  presentRequestEvent,
  presentRun,
  requestEventSchema,
  runSchema,
} from '../../presenters/present-request-history.ts';
import { pageOf, readPage } from '../page.ts';
import { memberRoute, type Route } from '../route.ts';
import { loadRequest } from './load-request.ts';
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

/** The routes of this file. */
export const requestHistoryRoutes: readonly Route[] = [listEvents, listRuns];
