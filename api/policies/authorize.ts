import type { UserActor } from '../auth/actor.ts';
import { ForbiddenError, NotFoundError } from '../errors.ts';

/** Whether an actor may do something to a target; pure, and no for whatever it does not list. */
export type Policy<A extends UserActor, Action extends string, Target> = (
  actor: A,
  action: Action,
  target: Target | null | undefined,
) => boolean;

/**
 * Refuses what a policy refuses, and narrows the target.
 *
 * @throws {NotFoundError} for a target that does not exist or that row level security hides
 * @throws {ForbiddenError} when the policy says no
 */
export function authorize<A extends UserActor, Action extends string, Target>(
  policy: Policy<A, Action, Target>,
  actor: NoInfer<A>,
  action: NoInfer<Action>,
  target: Target | null | undefined,
): asserts target is Target {
  if (target === null || target === undefined) throw new NotFoundError();
  if (!policy(actor, action, target)) throw new ForbiddenError();
}
