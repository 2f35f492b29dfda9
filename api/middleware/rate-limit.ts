import type { Context, Middleware } from 'koa';
import { RateLimiterMemory, RateLimiterRes } from 'rate-limiter-flexible';
import type { ApiConfig } from '../config.ts';
import { RateLimitedError } from '../errors.ts';
import { readSession } from './session.ts';

/** Seconds that calls are counted for. */
const WINDOW = 60;

/** What calls are counted by. */
export interface RateLimits {
  /** Every call below `/api`, by the network address that it comes from. */
  address: Middleware;
  /** Calls that try to sign in or make accounts, by address as well: there are fewer of them. */
  signIn: Middleware;
  /** Calls with a token or key, by whose it is; after the token was verified. */
  principal: Middleware;
}

/**
 * Limits how often somebody may call, and says how much is left (`RateLimit`, `RateLimit-Policy`).
 * Counted in memory, by each replica for itself: it guards a process against a flood, and must cost
 * nothing. What must hold across replicas, guessing passwords, is counted in the database.
 */
export function createRateLimits(
  config: Pick<
    ApiConfig,
    'RATE_LIMIT_PER_ADDRESS' | 'RATE_LIMIT_PER_PRINCIPAL' | 'RATE_LIMIT_SIGN_IN'
  >,
): RateLimits {
  return {
    address: onlyApi(limit('address', config.RATE_LIMIT_PER_ADDRESS, (ctx) => ctx.ip)),
    signIn: limit('sign-in', config.RATE_LIMIT_SIGN_IN, (ctx) => ctx.ip),
    principal: limit('principal', config.RATE_LIMIT_PER_PRINCIPAL, principalOf),
  };
}

/** Probes and the documentation are never refused: they cost little, and a probe decides much. */
function onlyApi(middleware: Middleware): Middleware {
  return async (ctx, next) => {
    const isApi = ctx.path.startsWith('/api/') && ctx.path !== '/api/v1/health';
    await (isApi ? middleware(ctx, next) : next());
  };
}

function limit(name: string, quota: number, keyOf: (ctx: Context) => string): Middleware {
  const limiter = new RateLimiterMemory({ points: quota, duration: WINDOW, keyPrefix: '' });
  const policy = `"${name}";q=${quota};w=${WINDOW}`;
  return async (ctx, next) => {
    const state = await consume(limiter, keyOf(ctx));
    ctx.append('RateLimit-Policy', policy);
    const seconds = Math.max(1, Math.ceil(state.msBeforeNext / 1000));
    ctx.append('RateLimit', `"${name}";r=${Math.max(0, state.remainingPoints)};t=${seconds}`);
    if (state.consumedPoints > quota) {
      throw new RateLimitedError('Too many calls; wait a little.', state.msBeforeNext);
    }
    await next();
  };
}

/** The limiter rejects with the same kind of object that it resolves with. */
async function consume(limiter: RateLimiterMemory, key: string): Promise<RateLimiterRes> {
  try {
    return await limiter.consume(key);
  } catch (rejection) {
    if (rejection instanceof RateLimiterRes) return rejection;
    throw rejection;
  }
}

function principalOf(ctx: Context): string {
  const session = readSession(ctx);
  return 'keyHash' in session ? session.keyHash : session.userId;
}
