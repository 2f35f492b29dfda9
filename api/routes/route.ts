import type { z } from 'zod';
import type { Logger } from '../../lib/logger.ts';
import type { Actor, Session, UserActor } from '../auth/actor.ts';
import type { Row, Statement } from '../db/statement.ts';
import type { Transaction } from '../db/transaction.ts';
import type { ProblemCode } from '../openapi/problem-codes.ts';
import { parseInput, type Input, type RawInput, type Schemas, type Shape } from './input.ts';

/** Who may call at all; what they may do is the policies' to say. */
export type Access = 'public' | 'session' | 'user' | 'member';

/** What a handler may know of the HTTP request. */
export interface RequestInfo {
  id: string;
  address: string;
  ifMatch: string | undefined;
  /** `Cookie` as it came in; for single sign-on alone: no cookie signs anybody in. */
  cookie: string | undefined;
  /** `Accept` as it came in; empty without. */
  accept: string;
  /** `Last-Event-ID` as it came in. */
  lastEventId: string | undefined;
  log: Logger;
}

/** What a handler answers. */
export interface Reply {
  status: number;
  /** JSON, unless `type` says otherwise; none for 204. */
  body?: unknown;
  headers?: Record<string, string>;
  /** Media type of the body. */
  type?: string;
}

/** What stands in the OpenAPI document beside the schemas. */
export interface RouteDocument {
  method: 'get' | 'post' | 'put' | 'patch' | 'delete';
  /** With parameters in braces, below `/api/v1`: `/orgs/{org_id}`. */
  path: string;
  /** The path is absolute, not below `/api/v1`. */
  unversioned?: boolean;
  summary: string;
  description?: string;
  tag: string;
  /** Signing in and the like: there is a stricter limit to how often an address may call it. */
  isSignIn?: true;
  /** Media types of the successful answer, where it is not JSON. */
  types?: readonly string[];
  /** Reading it is written down: a `GET` in a transaction that may write. */
  recordsRead?: true;
  /** The answer holds a secret, so it is kept nowhere: `Idempotency-Key` has no effect. */
  showsSecret?: true;
  /** It takes `If-Match`; `required` where deciding about what one has not seen would be a mistake. */
  ifMatch?: 'optional' | 'required';
  /** What it refuses beside what all routes of its kind do. */
  problems?: readonly ProblemCode[];
  /** Schema of the body by status; null for none. */
  responses: Record<number, z.ZodType | null>;
}

/** Call of a public route. */
export interface PublicCall<P, Q, B> {
  input: Input<P, Q, B>;
  request: RequestInfo;
}

/** Call of a signed-in user, outside any transaction. */
export interface SessionCall<P, Q, B> extends PublicCall<P, Q, B> {
  actor: UserActor;
}

/** Call of a signed-in user, in a transaction of theirs. */
export interface UserCall<P, Q, B> extends SessionCall<P, Q, B> {
  trx: Transaction;
}

/** Call of a member within their organisation. */
export interface MemberCall<P, Q, B> extends UserCall<P, Q, B> {
  actor: Actor;
}

/** Which path parameter names the organisation, where the token does not. */
interface OrganizationParameter {
  organizationParameter?: string;
}

/** Who calls, and their open transaction. */
export interface Caller<A extends UserActor> {
  actor: A;
  trx: Transaction;
}

/** A route as the app mounts it: `run` checks the input, then handles the call. */
export type Route = RouteDocument &
  OrganizationParameter & { shape: Shape } & (
    | { access: 'public'; run: (raw: RawInput, request: RequestInfo) => Promise<Reply> }
    | {
        access: 'session';
        run: (raw: RawInput, request: RequestInfo, actor: UserActor) => Promise<Reply>;
      }
    | { access: 'user'; run: Run<UserActor> }
    | { access: 'member'; run: Run<Actor> }
    | { access: 'member'; read: (raw: RawInput, session: Session) => Reading }
  );

/** A route within an organisation, as the app mounts it. */
export type MemberRoute = Extract<Route, { access: 'member'; run: unknown }>;

/** A route that one statement answers, as the app mounts it. */
export type ReadRoute = Extract<Route, { read: unknown }>;

/** What a call reads, and what is made of it. */
export interface Reading {
  statement: Statement;
  answer: (actor: Actor, rows: readonly Row[]) => Reply;
}

type Run<A extends UserActor> = (
  raw: RawInput,
  request: RequestInfo,
  caller: Caller<A>,
) => Promise<Reply>;

/** Schema of the path. */
export type Params = z.ZodObject | undefined;
/** Schema of the query. */
export type Query = z.ZodObject | undefined;
type Body = z.ZodType | undefined;

type Definition<P, Q, B, Call> = RouteDocument &
  Schemas<P, Q, B> & { handle: (call: Call) => Promise<Reply> };

/** A route that anybody may call. */
export function publicRoute<
  P extends Params = undefined,
  Q extends Query = undefined,
  B extends Body = undefined,
>(definition: Definition<P, Q, B, PublicCall<P, Q, B>>): Route {
  const shape = shapeOf(definition);
  return {
    ...definition,
    shape,
    access: 'public',
    run: async (raw, request) => definition.handle({ input: parseInput(shape, raw), request }),
  };
}

/**
 * A route for everybody who is signed in, whose work must not keep a transaction open: it hashes,
 * or waits for something else. That the token holds was looked up before.
 */
export function sessionRoute<
  P extends Params = undefined,
  Q extends Query = undefined,
  B extends Body = undefined,
>(definition: Definition<P, Q, B, SessionCall<P, Q, B>>): Route {
  const shape = shapeOf(definition);
  return {
    ...definition,
    shape,
    access: 'session',
    run: async (raw, request, actor) =>
      definition.handle({ input: parseInput(shape, raw), request, actor }),
  };
}

/** A route for everybody who is signed in. */
export function userRoute<
  P extends Params = undefined,
  Q extends Query = undefined,
  B extends Body = undefined,
>(definition: Definition<P, Q, B, UserCall<P, Q, B>> & OrganizationParameter): Route {
  const shape = shapeOf(definition);
  return {
    ...definition,
    shape,
    access: 'user',
    run: async (raw, request, caller) =>
      definition.handle({ input: parseInput(shape, raw), request, ...caller }),
  };
}

/**
 * A route within an organisation: that of the token, of the `org-id` header, or of the path
 * parameter that `organizationParameter` names.
 */
export function memberRoute<
  P extends Params = undefined,
  Q extends Query = undefined,
  B extends Body = undefined,
>(definition: Definition<P, Q, B, MemberCall<P, Q, B>> & OrganizationParameter): Route {
  const shape = shapeOf(definition);
  return {
    ...definition,
    shape,
    access: 'member',
    run: async (raw, request, caller) =>
      definition.handle({ input: parseInput(shape, raw), request, ...caller }),
  };
}

/** The schemas among the members of a definition. */
export function shapeOf(schemas: Schemas<Params, Query, Body>): Shape {
  const { params, query, body } = schemas;
  return { ...(params && { params }), ...(query && { query }), ...(body && { body }) };
}
