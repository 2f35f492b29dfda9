import { createHash, randomBytes } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import type { Clock } from '../../lib/clock.ts';
import type { CredentialsReader } from '../credentials/credentials-reader.ts';
import { recordAudit } from '../db/audit.ts';
import { ConflictError, ForbiddenError, NotFoundError } from '../errors.ts';
import { CredentialGrant, type GrantHolder } from '../models/credential-grant.ts';
import type { ShownRequest } from '../models/shown-request.ts';
import type { CommandContext } from './command-context.ts';

/** How long a grant may wait; long enough to be read off a screen, too short to be kept. */
const GRANT_MS = 5 * 60_000;
const PRUNE_AFTER_MS = 24 * 3_600_000;

/** What revealing works with. */
export interface RevealServices {
  credentials: CredentialsReader;
  clock: Clock;
}

/** A grant, as it is shown once. */
export interface NewGrant {
  grant: string;
  expiresAt: Date;
}

/**
 * Gives leave to see the credentials of a request once.
 *
 * @throws {NotFoundError} while there are none
 */
export async function grantCredentials(
  context: CommandContext,
  request: ShownRequest,
  clock: Clock,
): Promise<NewGrant> {
  requireCredentials(request);
  const now = clock.now();
  await CredentialGrant.prune(context.trx, request, new Date(now.getTime() - PRUNE_AFTER_MS));
  const grant = `qmg_${randomBytes(32).toString('base64url')}`;
  const expiresAt = new Date(now.getTime() + GRANT_MS);
  await CredentialGrant.query(context.trx)
    .insert({
      ...holderOf(context, request),
      id: uuid(),
      token_hash: hash(grant),
      expires_at: expiresAt,
    })
    .returning('id');
  await audit(context, request, 'grant_credentials');
  return { grant, expiresAt };
}

/**
 * The credentials themselves, for a grant that is used up with it. In one transaction with the
 * record of it: nobody sees them unrecorded, and where they cannot be read the grant holds.
 *
 * @throws {ForbiddenError} GRANT_INVALID for a grant that is used, over, or somebody else's
 * @throws {ConflictError} for a Secret that was not made for this request
 * @throws {NotFoundError} where there is none
 */
export async function revealCredentials(
  context: CommandContext,
  request: ShownRequest,
  { grant, credentials, clock }: RevealServices & { grant: string },
): Promise<Record<string, string>> {
  const reference = requireCredentials(request);
  const key = { ...holderOf(context, request), token_hash: hash(grant) };
  if (!(await CredentialGrant.use(context.trx, key, clock.now()))) {
    throw new ForbiddenError('This grant does not hold, or not any more.', 'GRANT_INVALID');
  }
  const found = await credentials.read(reference, request.resource_uid ?? '');
  if (found === undefined) throw new NotFoundError('The credentials are not there any more.');
  if (found === 'foreign') throw new ConflictError('The Secret was not made for this request.');
  await audit(context, request, 'reveal_credentials');
  return found;
}

function requireCredentials(request: ShownRequest): NonNullable<ShownRequest['credentials']> {
  if (!request.credentials) throw new NotFoundError('There are no credentials yet.');
  return request.credentials;
}

function holderOf({ actor }: CommandContext, request: ShownRequest): GrantHolder {
  const { id, apiKey } = actor.user;
  return {
    organization_id: request.organization_id,
    request_id: request.id,
    principal_id: apiKey?.id ?? id,
  };
}

function hash(grant: string): string {
  return createHash('sha256').update(grant).digest('hex');
}

async function audit(context: CommandContext, request: ShownRequest, verb: string): Promise<void> {
  await recordAudit(context.trx, {
    organizationId: request.organization_id,
    actor: context.actor.user,
    action: `resource_request.${verb}`,
    target: { type: 'resource_request', id: request.id },
    details: { secret_name: request.credentials?.secret_name },
    request: context.request,
  });
}
