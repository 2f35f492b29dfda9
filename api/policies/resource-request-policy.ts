import type { Actor } from '../auth/actor.ts';
import { mayAct } from './permissions.ts';
import type { RequestAction } from './request-transitions.ts';

/** What can be done to a request; whether its state allows it is another question. */
export type ResourceRequestAction = RequestAction | 'read' | 'create';

/** What the policy needs to know of a request, or of the project that one is to be made in. */
export interface ResourceRequestTarget {
  organization_id: string;
  /** Whether the actor is a member of its project; false where that was not asked. */
  isProjectMember: boolean;
}

/** Actions for which a role is enough; the rest is for the members of the project, and admins. */
const ANYWHERE: ReadonlySet<ResourceRequestAction> = new Set(['read', 'approve', 'reject']);

/**
 * Every member reads, approvers decide, developers do what they like in their own projects, and
 * admins do all of it.
 */
export function canResourceRequest(
  actor: Actor,
  action: ResourceRequestAction,
  target: ResourceRequestTarget | null | undefined,
): boolean {
  const { organizationId, role } = actor.membership;
  if (target?.organization_id !== organizationId) return false;
  const isConcerned = ANYWHERE.has(action) || role === 'admin' || target.isProjectMember;
  if (action === 'read_credentials') return isConcerned && mayAct(actor, 'read', 'credentials');
  return isConcerned && mayAct(actor, action, 'resource_requests');
}

/** Whose request, and whose revision of it, a decision would be about. */
export interface DecisionSubject {
  requested_by: string | null;
  /** Who made the revision that waits. */
  latest_author: string | null;
  /** Who a resource from the cluster says asked for it. */
  claimed_requester?: { id: string; name: string } | null;
}

/**
 * Whether somebody would decide about their own request: that of whoever asked for the resource,
 * or last changed what is asked for. An organisation can allow it.
 */
export function isSelfApproval(actor: Actor, subject: DecisionSubject): boolean {
  if (actor.membership.allowSelfApproval) return false;
  return isOwnRequest(actor.user, subject);
}

/**
 * Whether somebody asked for what is to be decided. What a resource from the cluster claims is
 * believed only to somebody's disadvantage: it keeps people from deciding, and lets nobody decide.
 */
export function isOwnRequest(
  { id, email }: { id: string; email: string },
  subject: DecisionSubject,
): boolean {
  const claim = subject.claimed_requester;
  const isClaimed = claim?.id === id || claim?.name.toLowerCase() === email.toLowerCase();
  return isClaimed || id === subject.requested_by || id === subject.latest_author;
}
