import { z } from 'zod';
import {
  grantCredentials,
  revealCredentials,
  type RevealServices,
} from '../../commands/reveal-credentials.ts';
import { recordAudit } from '../../db/audit.ts';
import { NotFoundError } from '../../errors.ts';
import type { ShownRequest } from '../../models/shown-request.ts';
import { authorize } from '../../policies/authorize.ts';
import { canResourceRequest } from '../../policies/resource-request-policy.ts';
import { memberRoute, type Route } from '../route.ts';
import { loadRequest, targetOf, type RequestCall } from './load-request.ts';
import { oneRequest, revealBody } from './schema.ts';

const TAG = 'Resource requests';
const NOT_KEPT = { 'Cache-Control': 'no-store' };

const credentialsSchema = z
  .object({ secret_name: z.string(), namespace: z.string(), keys: z.array(z.string()) })
  .meta({ id: 'Credentials' });
const grantSchema = z
  .object({ grant: z.string(), expires_at: z.iso.datetime() })
  .meta({ id: 'CredentialGrant' });
const revealedSchema = z
  .object({ values: z.record(z.string(), z.string()) })
  .meta({ id: 'RevealedCredentials' });

/** The request of a call, if the caller may have its credentials. */
async function loadForCredentials(call: RequestCall): Promise<ShownRequest> {
  const request = await loadRequest(call);
  authorize(canResourceRequest, call.actor, 'read_credentials', await targetOf(call, request));
  return request;
}

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
    const request = await loadForCredentials(call);
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

/** `POST /resource-requests/{id}/credentials/grants` */
function postGrant({ clock }: RevealServices): Route {
  return memberRoute({
    method: 'post',
    path: '/resource-requests/{id}/credentials/grants',
    summary: 'Get leave to see the credentials once',
    description: 'The grant is for the caller alone, for five minutes and for one time.',
    tag: TAG,
    params: oneRequest,
    showsSecret: true,
    responses: { 201: grantSchema },
    handle: async (call) => {
      const request = await loadForCredentials(call);
      const { grant, expiresAt } = await grantCredentials(call, request, clock);
      const body = { grant, expires_at: expiresAt.toISOString() };
      return { status: 201, body, headers: NOT_KEPT };
    },
  });
}

/** `POST /resource-requests/{id}/credentials/reveal` */
function revealRoute(services: RevealServices): Route {
  return memberRoute({
    method: 'post',
    path: '/resource-requests/{id}/credentials/reveal',
    summary: 'Show the credentials, once for each grant',
    tag: TAG,
    params: oneRequest,
    body: revealBody,
    showsSecret: true,
    problems: ['GRANT_INVALID'],
    responses: { 200: revealedSchema },
    handle: async (call) => {
      const request = await loadForCredentials(call);
      const { grant } = call.input.body;
      const values = await revealCredentials(call, request, { ...services, grant });
      return { status: 200, body: { values }, headers: NOT_KEPT };
    },
  });
}

/** The routes of this file. */
export function requestCredentialRoutes(services: RevealServices): readonly Route[] {
  return [showCredentials, postGrant(services), revealRoute(services)];
}
