import { createHash } from 'node:crypto';
import { canonicalJson } from '../../lib/canonical-json.ts';
import {
  findAnswer,
  keepAnswer,
  takeTurn,
  type IdempotencyScope,
  type KeptAnswer,
} from '../db/idempotency.ts';
import { BadRequestError, IdempotencyKeyReusedError, StillRunningError } from '../errors.ts';
import type { Actor } from '../auth/actor.ts';
import type { Caller, Reply, Route } from './route.ts';

/** How long an answer can be had again. */
const KEPT_MS = 24 * 3_600_000;

/** A string of structured fields (RFC 9651 §3.3.3). */
const QUOTED = /^"((?:[\x20-\x21\x23-\x5b\x5d-\x7e]|\\["\\]){1,255})"$/;

/** A call that may be repeated. */
export interface RepeatableCall {
  route: Pick<Route, 'method' | 'path'>;
  /** `Idempotency-Key` as it came in; empty without. */
  header: string;
  path: string;
  body: unknown;
  caller: Caller<Actor>;
}

/**
 * Whether a route takes `Idempotency-Key`: all that make something in an organisation, but those
 * whose answer must not be kept.
 */
export function takesIdempotencyKey(route: Route): boolean {
  return (
    route.access === 'member' &&
    route.method === 'post' &&
    route.responses[201] !== undefined &&
    route.showsSecret !== true
  );
}

/**
 * Does the work of a call at most once per key, and answers a repetition like the first call. What
 * was refused left nothing behind, so it is tried again.
 *
 * @throws {BadRequestError} for a header that is no quoted string
 * @throws {IdempotencyKeyReusedError} when the key came with something else before
 * @throws {StillRunningError} while the first call with the key is at work
 */
export async function runOnce(call: RepeatableCall, work: () => Promise<Reply>): Promise<Reply> {
  if (call.header === '') return work();
  const scope = scopeOf(call);
  const { trx } = call.caller;
  if (!(await takeTurn(trx, scope))) throw new StillRunningError();
  const now = new Date();
  const fingerprint = fingerprintOf(call);
  const kept = await findAnswer(trx, scope, now);
  if (kept) return replay(kept, fingerprint);
  const reply = await work();
  const { status, headers = {}, body } = reply;
  const expiresAt = new Date(now.getTime() + KEPT_MS);
  await keepAnswer(trx, scope, { ...{ fingerprint, status, headers, body }, expiresAt });
  return reply;
}

function replay(kept: KeptAnswer, fingerprint: string): Reply {
  if (kept.fingerprint !== fingerprint) throw new IdempotencyKeyReusedError();
  const headers = { ...kept.headers, 'Idempotency-Replayed': 'true' };
  return { status: kept.status, body: kept.body ?? undefined, headers };
}

function scopeOf({ route, header, caller }: RepeatableCall): IdempotencyScope {
  const { user, membership } = caller.actor;
  return {
    organization_id: membership.organizationId,
    principal_id: user.apiKey?.id ?? user.id,
    route: `${route.method} ${route.path}`,
    key: parseKey(header),
  };
}

function parseKey(header: string): string {
  const key = QUOTED.exec(header.trim())?.[1];
  if (key !== undefined) return key;
  throw new BadRequestError(
    'Idempotency-Key is a quoted string of 1 to 255 characters.',
    'IDEMPOTENCY_KEY_INVALID',
  );
}

/** The path is part of it: it names what something is made in. */
function fingerprintOf({ path, body }: RepeatableCall): string {
  const text = canonicalJson([path, body ?? null]);
  return createHash('sha256').update(text).digest('hex');
}
