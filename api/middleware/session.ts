import type { Context } from 'koa';
import type { Session } from '../auth/actor.ts';
import { UnauthenticatedError } from '../errors.ts';

const sessions = new WeakMap<object, Session>();

/** Keeps what a verified token says, or the key that was presented, with its request. */
export function keepSession(ctx: Pick<Context, 'req'>, session: Session): void {
  sessions.set(ctx.req, session);
}

/**
 * What the verified token of a request says.
 *
 * @throws {UnauthenticatedError} when no token was verified
 */
export function readSession(ctx: Pick<Context, 'req'>): Session {
  const session = sessions.get(ctx.req);
  if (!session) throw new UnauthenticatedError('MISSING_CREDENTIALS', 'Sign in first.');
  return session;
}
