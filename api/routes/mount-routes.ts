import { Router, type RouterContext } from '@koa/router';
import type { Middleware } from 'koa';
import type { Actor, KeyReference, UserActor } from '../auth/actor.ts';
import type { KeyUsage } from '../auth/key-usage.ts';
import type { Database } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import { ForbiddenError } from '../errors.ts';
import { auditDenial } from '../middleware/audit-denial.ts';
import { chooseOrganization, type OrganizationChoice } from '../middleware/organization.ts';
import type { RateLimits } from '../middleware/rate-limit.ts';
import { readBody } from '../middleware/read-body.ts';
import { requestState } from '../middleware/request-state.ts';
import { readSession } from '../middleware/session.ts';
import type { RawInput } from './input.ts';
import { runOnce, takesIdempotencyKey } from './idempotency.ts';
import type { Caller, MemberRoute, Reply, Route } from './route.ts';

/** What mounting needs. */
export interface MountDependencies {
  database: Database;
  /** Refuses calls without a believable access token or a key, and keeps what they say. */
  authenticate: Middleware;
  keyUsage: KeyUsage;
  limits: RateLimits;
}

/** The full path of a route, with its parameters in braces. */
export function fullPath(route: Pick<Route, 'path' | 'unversioned'>): string {
  return route.unversioned ? route.path : `/api/v1${route.path}`;
}

/**
 * A router of all routes. Refusals come in this order: 401, 400 and 422, 403 and 404, then what
 * the handler finds.
 */
export function mountRoutes(routes: readonly Route[], dependencies: MountDependencies): Router {
  const router = new Router();
  for (const route of routes) {
    const path = fullPath(route).replace(/\{(\w+)\}/g, ':$1');
    const guards = guardsOf(route, dependencies);
    const answer = async (ctx: RouterContext): Promise<void> => {
      send(ctx, await run(route, ctx, dependencies));
    };
    router.register(path, [route.method], [...guards, readBody, answer]);
  }
  return router;
}

function guardsOf(route: Route, { authenticate, limits }: MountDependencies): Middleware[] {
  const before = route.isSignIn ? [limits.signIn] : [];
  return route.access === 'public' ? before : [...before, authenticate, limits.principal];
}

/** A transaction is open while the input is judged: whether the token still holds comes first. */
async function run(
  route: Route,
  ctx: RouterContext,
  { database, keyUsage }: MountDependencies,
): Promise<Reply> {
  const { info } = requestState(ctx);
  if (route.access === 'public') return route.run(rawInput(ctx), info);
  const session = readSession(ctx);
  const choice = chooseOrganization(ctx, session, route.organizationParameter);
  const { id: organizationId } = choice;
  if (route.access === 'session') {
    const look = (_: Transaction, actor: UserActor): Promise<UserActor> => Promise.resolve(actor);
    const actor = await database.withTenant({ ...session, organizationId }, look, 'read');
    return route.run(rawInput(ctx), info, actor);
  }
  let key: KeyReference | undefined;
  let member: Actor | undefined;
  const handle = async (trx: Transaction, actor: UserActor): Promise<Reply> => {
    key = actor.user.apiKey;
    const raw = rawInput(ctx);
    if (route.access === 'user') {
      // A person may have nothing to do with the organisation yet; a key is for one alone.
      if (key) requireMember(actor, choice);
      return route.run(raw, info, { trx, actor });
    }
    member = requireMember(actor, choice);
    return answerMember(route, ctx, { trx, actor: member });
  };
  const access = route.method === 'get' && !route.recordsRead ? 'read' : 'write';
  try {
    return await database.withTenant({ ...session, organizationId }, handle, access);
  } catch (error) {
    if (error instanceof ForbiddenError && member) {
      const denial = { route, params: ctx.params, actor: member, request: info, error };
      await auditDenial(database, denial);
    }
    throw error;
  } finally {
    if (key) await noteKey(ctx, key, keyUsage);
  }
}

async function noteKey(ctx: RouterContext, key: KeyReference, usage: KeyUsage): Promise<void> {
  const state = requestState(ctx);
  state.apiKeyId = key.id;
  await usage.record(key.id, state.info.log);
}

/** A call that makes something may come twice. */
async function answerMember(
  route: MemberRoute,
  ctx: RouterContext,
  caller: Caller<Actor>,
): Promise<Reply> {
  const raw = rawInput(ctx);
  const work = (): Promise<Reply> => route.run(raw, requestState(ctx).info, caller);
  if (!takesIdempotencyKey(route)) return work();
  const header = ctx.get('idempotency-key');
  return runOnce({ route, header, path: ctx.path, body: raw.body, caller }, work);
}

function requireMember(actor: UserActor, choice: OrganizationChoice): Actor {
  if (actor.membership === null) throw choice.refusal;
  return { user: actor.user, membership: actor.membership };
}

/** The body was read before, but a fault in it counts only now. */
function rawInput(ctx: RouterContext): RawInput {
  const { bodyFault } = requestState(ctx);
  if (bodyFault) throw bodyFault;
  return { params: ctx.params, query: ctx.query, body: ctx.request.body };
}

function send(ctx: RouterContext, reply: Reply): void {
  ctx.status = reply.status;
  if (reply.type !== undefined) ctx.type = reply.type;
  if (reply.headers) ctx.set(reply.headers);
  if (reply.body !== undefined) ctx.body = reply.body;
}
