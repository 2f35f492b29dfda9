import type { RouterContext } from '@koa/router';
import { z } from 'zod';
import type { Session } from '../auth/actor.ts';
import { type ApiError, BadRequestError, ForbiddenError, NotFoundError } from '../errors.ts';

/** The organisation that a call is for. */
export interface OrganizationChoice {
  id: string | null;
  /** What a caller is told who is no member of it. Made when it is needed: errors cost time. */
  refusal: () => ApiError;
}

const uuid = z.uuid();

/**
 * Which organisation a call is for: the one in its path, else the one of the `org-id` header, else
 * the one of the token. Whether the caller belongs to it is the database's to say.
 *
 * @param parameter name of the path parameter, where the path names the organisation
 */
export function chooseOrganization(
  ctx: RouterContext,
  session: Session,
  parameter: string | undefined,
): OrganizationChoice {
  if (parameter !== undefined) {
    return { id: validOrNull(ctx.params[parameter]), refusal: () => new NotFoundError() };
  }
  const header = ctx.get('org-id');
  if (header !== '') {
    return { id: validOrNull(header), refusal: notAMember };
  }
  // A key is for one organisation, which the database knows.
  return session.organizationId === null && !('keyHash' in session)
    ? { id: null, refusal: organizationRequired }
    : { id: session.organizationId, refusal: leftOrganization };
}

function notAMember(): ApiError {
  const message = 'You are not a member of the organisation in org-id.';
  return new ForbiddenError(message, 'NOT_A_MEMBER');
}

function leftOrganization(): ApiError {
  return new ForbiddenError('You left the organisation.');
}

function organizationRequired(): ApiError {
  return new BadRequestError(
    'Say which organisation the call is for: sign in with organization_id, or send org-id.',
    'ORGANIZATION_REQUIRED',
  );
}

function validOrNull(id: string | undefined): string | null {
  return uuid.safeParse(id).success ? (id ?? null) : null;
}
