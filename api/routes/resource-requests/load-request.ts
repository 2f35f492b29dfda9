import type { z } from 'zod';
import type { RequestCommand, RequestServices } from '../../commands/request-context.ts';
import type { Actor } from '../../auth/actor.ts';
import { runTogether } from '../../db/run-together.ts';
import { ConflictError, ForbiddenError, NotFoundError } from '../../errors.ts';
import { ProjectMember } from '../../models/project-member.ts';
import type { ProjectPlace } from '../../models/project-place.ts';
import {
  findShownRequest,
  lockShownRequest,
  stateOf,
  type ShownRequest,
} from '../../models/shown-request.ts';
import { selectRequest, presentedRequestRow } from '../../models/shown-request-rows.ts';
import { authorize } from '../../policies/authorize.ts';
import { allowsAction, type RequestAction } from '../../policies/request-transitions.ts';
import {
  canResourceRequest,
  isSelfApproval,
  type ResourceRequestTarget,
} from '../../policies/resource-request-policy.ts';
import { presentResourceRequest } from '../../presenters/present-resource-request.ts';
import { etagOf } from '../etag.ts';
import type { MemberCall, Reply } from '../route.ts';
import type { oneRequest } from './schema.ts';

/** A call about one request. */
export type RequestCall = Pick<
  MemberCall<undefined, undefined, undefined>,
  'actor' | 'trx' | 'request'
> & {
  input: { params: z.output<typeof oneRequest> };
};

/** The request of a call, for reading. @throws {NotFoundError} */
export async function loadRequest({ actor, trx, input }: RequestCall): Promise<ShownRequest> {
  const request = await findShownRequest(trx, input.params.id);
  if (!request) throw new NotFoundError();
  authorizeReading(actor, request.organization_id);
  return request;
}

/** @throws {ForbiddenError} when the actor may not read the requests of an organisation */
export function authorizeReading(actor: Actor, organizationId: string): void {
  const target = { organization_id: organizationId, isProjectMember: false };
  authorize(canResourceRequest, actor, 'read', target);
}

/**
 * The request of a call, locked, if the actor may do this to it.
 *
 * @throws {NotFoundError}
 * @throws {ForbiddenError} also for deciding about one's own request, with code SELF_APPROVAL
 */
export async function lockRequestFor(
  { actor, trx, input }: RequestCall,
  action: RequestAction,
): Promise<ShownRequest> {
  const request = await lockShownRequest(trx, input.params.id);
  if (!request) throw new NotFoundError();
  const isDecision = action === 'approve' || action === 'reject';
  if (isDecision && isSelfApproval(actor, request)) {
    throw new ForbiddenError('Nobody decides about their own request.', 'SELF_APPROVAL');
  }
  authorize(canResourceRequest, actor, action, await targetOf({ actor, trx }, request));
  return request;
}

/** A project, in which something is to be made, as the policy sees it. */
export function targetIn(
  { user, membership }: Actor,
  { project, isMember }: ProjectPlace,
): ResourceRequestTarget {
  // A key was made by an admin, for all projects.
  const isProjectMember =
    membership.role === 'developer' && (user.apiKey !== undefined || isMember);
  return { organization_id: project.organization_id, isProjectMember };
}

/** A request as the policy sees it. */
export async function targetOf(
  { actor, trx }: Pick<RequestCall, 'actor' | 'trx'>,
  thing: { organization_id: string; project_id: string },
): Promise<ResourceRequestTarget> {
  const { organization_id, project_id } = thing;
  const key = { organization_id, project_id, user_id: actor.user.id };
  // A key was made by an admin, for all projects.
  const isProjectMember =
    actor.membership.role === 'developer' &&
    (actor.user.apiKey !== undefined || (await ProjectMember.isMember(trx, key)));
  return { organization_id, isProjectMember };
}

/** @throws {ConflictError} when the state of the request does not allow the action */
export function requireState(request: ShownRequest, action: RequestAction): void {
  if (allowsAction(stateOf(request), action)) return;
  throw new ConflictError(`A request that is ${request.status} does not allow this.`);
}

/** What commands need of a call. */
export function toCommand(call: RequestCall, services: RequestServices): RequestCommand {
  return { trx: call.trx, actor: call.actor, request: call.request, services };
}

/** The answer that shows a request as it is now. */
export async function replyWith(
  { trx }: Pick<RequestCall, 'trx'>,
  id: string,
  status = 200,
): Promise<Reply> {
  const [[row] = []] = await runTogether(trx, [selectRequest(id)]);
  if (!row) throw new NotFoundError();
  const body = presentResourceRequest(presentedRequestRow.read(row));
  return { status, body, headers: { ETag: etagOf(body) } };
}
