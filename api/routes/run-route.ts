import type { RouterContext } from '@koa/router';
import type { Actor, KeyReference, Session, UserActor } from '../auth/actor.ts';
import type { KeyUsage } from '../auth/key-usage.ts';
import type { Database } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import { ForbiddenError } from '../errors.ts';
import { auditDenial } from '../middleware/audit-denial.ts';
import { chooseOrganization, type OrganizationChoice } from '../middleware/organization.ts';
import { requestState } from '../middleware/request-state.ts';
import { readSession } from '../middleware/session.ts';
import type { RawInput } from './input.ts';
import { runOnce, takesIdempotencyKey } from './idempotency.ts';
import type { Caller, MemberRoute, ReadRoute, Reply, Route } from './route.ts';

/** What calls are run with. */
export interface RunDependencies {
  database: Database;
  keyUsage: KeyUsage;
}

/**
 * Answers a call: opens the session where the route has one, judges the input, and hands it to the
 * handler.
 *
 * @throws {ApiError} for what is refused
 */
export async function runRoute(
  route: Route,
  ctx: RouterContext,
  dependencies: RunDependencies,
): Promise<Reply> {
  const { info } = requestState(ctx);
  if (route.access === 'public') return route.run(rawInput(ctx), info);
  const session = readSession(ctx);
  const choice = chooseOrganization(ctx, session, route.organizationParameter);
  const caller = { ...session, organizationId: choice.id };
  if (route.access === 'session') {
    const { actor } = await dependencies.database.readTenant(caller);
    return route.run(rawInput(ctx), info, actor);
  }
  return runInTransaction({ route, ctx, session: caller, choice, met: {} }, dependencies);
}

/** A call with a token or key, and who it turned out to be. */
interface SignedInCall {
  route: Exclude<Route, { access: 'public' | 'session' }>;
  ctx: RouterContext;
  session: Session;
  choice: OrganizationChoice;
  met: { key?: KeyReference | undefined; member?: Actor };
}

async function runInTransaction(
  call: SignedInCall,
  { database, keyUsage }: RunDependencies,
): Promise<Reply> {
  const { route, ctx, met } = call;
  try {
    return 'read' in route
      ? await answerReading(call, route, database)
      : await answerInTransaction(call, route, database);
  } catch (error) {
    if (error instanceof ForbiddenError && met.member) {
      const { info } = requestState(ctx);
      const denial = { route, params: ctx.params, actor: met.member, request: info, error };
      await auditDenial(database, denial);
    }
    throw error;
  } finally {
    if (met.key) await noteKey(ctx, met.key, keyUsage);
  }
}

/** A transaction is open while the input is judged: whether the token still holds comes first. */
function answerInTransaction(
  { ctx, session, choice, met }: SignedInCall,
  route: Exclude<SignedInCall['route'], ReadRoute>,
  database: Database,
): Promise<Reply> {
  const handle = async (trx: Transaction, actor: UserActor): Promise<Reply> => {
    met.key = actor.user.apiKey;
    const raw = rawInput(ctx);
    if (route.access === 'user') {
      // A person may have nothing to do with the organisation yet; a key is for one alone.
      if (met.key) requireMember(actor, choice);
      return route.run(raw, requestState(ctx).info, { trx, actor });
    }
    met.member = requireMember(actor, choice);
    return answerMember(route, ctx, { trx, actor: met.member });
  };
  const access = route.method === 'get' && !route.recordsRead ? 'read' : 'write';
  return database.withTenant(session, handle, access);
}

/** What is wrong with the input is told after what is wrong with the session, as everywhere. */
async function answerReading(
  { ctx, session, choice, met }: SignedInCall,
  route: ReadRoute,
  database: Database,
): Promise<Reply> {
  const reading = attempt(() => route.read(rawInput(ctx), session));
  const { actor, rows } = await database.readTenant(session, reading.value?.statement);
  met.key = actor.user.apiKey;
  rawInput(ctx);
  met.member = requireMember(actor, choice);
  if (reading.value === undefined) throw reading.error;
  return reading.value.answer(met.member, rows);
}

function attempt<T>(work: () => T): { value: T } | { value: undefined; error: unknown } {
  try {
    return { value: work() };
  } catch (error) {
    return { value: undefined, error };
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
  if (actor.membership === null) throw choice.refusal();
  return { user: actor.user, membership: actor.membership };
}

/** The body was read before, but a fault in it counts only now. */
function rawInput(ctx: RouterContext): RawInput {
  const { bodyFault } = requestState(ctx);
  if (bodyFault) throw bodyFault;
  return { params: ctx.params, query: ctx.query, body: ctx.request.body };
}
