import { HttpError, type Context, type Middleware } from 'koa';
import jwt from 'jsonwebtoken';
import koaJwt from 'koa-jwt';
import {
  ACCESS_TOKEN_AUDIENCE,
  ACCESS_TOKEN_TYPE,
  GUEST_TOKEN_LIFETIME,
  accessClaimsSchema,
  type AccessTokens,
} from '../auth/access-tokens.ts';
import type { KeySession, TokenSession } from '../auth/actor.ts';
import { hashApiKey } from '../auth/api-keys.ts';
import type { ForeignTokens } from '../auth/issuers/foreign-tokens.ts';
import { UnauthenticatedError } from '../errors.ts';
import type { VerifiedToken } from '../auth/verified-tokens.ts';
import { requestState } from './request-state.ts';
import { keepSession } from './session.ts';

/** Where koa-jwt puts the claims. */
const CLAIMS = 'accessClaims';
/** Where it puts the token itself. */
const TOKEN = 'accessToken';

/**
 * Lets through only calls with an API key in the `X-API-Key` header, or with an access token of
 * ours in the `Authorization` header: RS256 by one of our keys, our issuer, our audience, typed as
 * an access token, with an end that is not over; or by an access token of an issuer that is trusted.
 * What was verified is remembered. Whether the key holds, and whether the token was
 * ended early, is for the database to say, in the transaction of the call.
 *
 * @throws {UnauthenticatedError} for every other call
 */
export function authenticate(tokens: AccessTokens, foreign: ForeignTokens): Middleware {
  const verify = koaJwt(verificationOptions(tokens));
  const ownSession = async (ctx: Context, authorization: string): Promise<TokenSession> => {
    try {
      await verify(ctx, () => Promise.resolve());
    } catch (error) {
      throw toRefusal(error);
    }
    const found = readClaims(ctx, tokens);
    tokens.verified.remember(authorization, found);
    return found.session;
  };
  const sessionOf = async (ctx: Context, authorization: string): Promise<TokenSession> => {
    const known = tokens.verified.find(authorization);
    // A key that is ours no longer takes its tokens with it.
    if (known && tokens.verificationKey(known.kid)) return known.session;
    return (await foreign.recognize(authorization)) ?? (await ownSession(ctx, authorization));
  };
  return async (ctx, next) => {
    const key = ctx.get('x-api-key');
    const authorization = ctx.get('authorization');
    if (key !== '') {
      keepSession(ctx, keySession(ctx, key));
    } else if (authorization === '') {
      throw new UnauthenticatedError('MISSING_CREDENTIALS', 'Send an access token or an API key.');
    } else {
      const session = await sessionOf(ctx, authorization);
      requestState(ctx).userId = session.userId;
      keepSession(ctx, session);
    }
    await next();
  };
}

function readClaims(ctx: Context, tokens: AccessTokens): VerifiedToken {
  const state = ctx.state as Record<string, unknown>;
  const claims = accessClaimsSchema.safeParse(state[CLAIMS]);
  if (!claims.success) throw invalidToken(claims.error);
  if (tokens.isOutlived(claims.data)) throw tokenExpired();
  const { sub: userId, org_id: organizationId, ver: tokenVersion, guest } = claims.data;
  const session = { userId, organizationId, tokenVersion, ...(guest && { isGuest: guest }) };
  return { session, kid: keyIdOf(state[TOKEN]), exp: tokens.endOf(claims.data) };
}

/** The signature was verified by the key of this id. */
function keyIdOf(token: unknown): string {
  const decoded = typeof token === 'string' ? jwt.decode(token, { complete: true }) : null;
  return decoded?.header.kid ?? '';
}

function keySession(ctx: Context, key: string): KeySession {
  if (ctx.get('authorization') === '') return { keyHash: hashApiKey(key), organizationId: null };
  throw new UnauthenticatedError(
    'INVALID_CREDENTIALS',
    'Send either an access token or an API key, not both.',
  );
}

/** Neither a cookie nor a pass for bad tokens; the types of koa-jwt do not know `maxAge`. */
function verificationOptions(tokens: AccessTokens): koaJwt.Options & { maxAge: number } {
  return {
    secret: (header: jwt.JwtHeader) => Promise.resolve(chooseKey(tokens, header)),
    key: CLAIMS,
    tokenKey: TOKEN,
    algorithms: ['RS256'],
    audience: ACCESS_TOKEN_AUDIENCE,
    issuer: tokens.issuer,
    // The longest of ours; that the others end earlier is looked at with their claims.
    maxAge: GUEST_TOKEN_LIFETIME,
  };
}

/** The types of koa-jwt know only texts as keys; jsonwebtoken, which verifies, takes KeyObjects. */
function chooseKey(tokens: AccessTokens, header: jwt.JwtHeader): koaJwt.Secret {
  const key =
    header.typ?.toLowerCase() === ACCESS_TOKEN_TYPE && header.kid !== undefined
      ? tokens.verificationKey(header.kid)
      : undefined;
  if (!key) throw invalidToken();
  return key as unknown as koaJwt.Secret;
}

function toRefusal(error: unknown): unknown {
  if (!(error instanceof HttpError) || error.status !== 401) return error;
  const { originalError } = error as { originalError?: unknown };
  if (originalError instanceof jwt.TokenExpiredError) {
    return tokenExpired();
  }
  return invalidToken(originalError);
}

function tokenExpired(): UnauthenticatedError {
  return new UnauthenticatedError('TOKEN_EXPIRED', 'The token has expired; get a new one.');
}

function invalidToken(cause?: unknown): UnauthenticatedError {
  return new UnauthenticatedError('INVALID_TOKEN', 'The access token is not valid.', { cause });
}
