import { randomBytes, randomInt } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { GUEST_TOKEN_LIFETIME } from '../auth/access-tokens.ts';
import { recordAudit } from '../db/audit.ts';
import { isUniqueViolation } from '../db/database-error.ts';
import { enqueueOutbox } from '../db/outbox.ts';
import type { Transaction } from '../db/transaction.ts';
import type { Dependencies } from '../deps.ts';
import { ForbiddenError, UnavailableError } from '../errors.ts';
import { Account } from '../models/account.ts';
import { Membership } from '../models/membership.ts';
import { Organization } from '../models/organization.ts';
import { Project } from '../models/project.ts';
import { projectNamespace } from '../policies/project-namespace.ts';
import type { RequestInfo } from '../routes/route.ts';
import { namespacePayload } from './create-project.ts';

/** Names are tried until one is free; there are ten thousand. */
const TRIES = 10;
const PROJECT = 'sandbox';

/** What a guest gets. */
export interface GuestToken {
  access_token: string;
  token_type: 'Bearer';
  expires_in: number;
  /** `guest-NNNN`. */
  name: string;
  organization_id: string;
  project_id: string;
}

/** A guest as they are made. */
interface Guest {
  id: string;
  name: string;
  organizationId: string;
  projectId: string;
}

/**
 * Lets somebody in for an hour, without asking who they are: in an organisation of their own, which
 * they are the admin of, with a project. All of it goes when the hour is over.
 *
 * @throws {ForbiddenError} where there are no guests
 * @throws {UnavailableError} when there are too many
 */
export async function createGuest(
  deps: Pick<Dependencies, 'config' | 'database' | 'tokens' | 'clock'>,
  request: RequestInfo,
): Promise<GuestToken> {
  if (deps.config.GUESTS === 'disabled') {
    throw new ForbiddenError('There are no guests here; make an account.', 'GUESTS_DISABLED');
  }
  const until = new Date(deps.clock.now().getTime() + GUEST_TOKEN_LIFETIME * 1000);
  for (let attempt = 0; attempt < TRIES; attempt += 1) {
    const guest = await tryName(deps, until, request);
    if (!guest) continue;
    const { name, organizationId, projectId } = guest;
    const grant = { userId: guest.id, organizationId, role: 'admin', tokenVersion: 1 };
    return {
      access_token: deps.tokens.issue({ ...grant, isGuest: true }),
      token_type: 'Bearer',
      expires_in: GUEST_TOKEN_LIFETIME,
      ...{ name, organization_id: organizationId, project_id: projectId },
    };
  }
  throw new UnavailableError('There are too many guests; try again later.');
}

/** A guest with a random name; undefined when it is taken. */
async function tryName(
  { database }: Pick<Dependencies, 'database'>,
  until: Date,
  request: RequestInfo,
): Promise<Guest | undefined> {
  const name = `guest-${String(randomInt(10_000)).padStart(4, '0')}`;
  try {
    return await database.withSystem('let a guest in', (trx) =>
      insertGuest(trx, { name, until, request }),
    );
  } catch (error) {
    if (!isUniqueViolation(error, 'users_email')) throw error;
    return undefined;
  }
}

async function insertGuest(
  trx: Transaction,
  { name, until, request }: { name: string; until: Date; request: RequestInfo },
): Promise<Guest> {
  const [id, organizationId] = [uuid(), uuid()];
  // The name stands where others have their address; nobody can register it, for it is none.
  await Account.query(trx).insert({ id, email: name, guest_until: until });
  // The name comes again one day; the namespace of the guest before may still be going away then.
  const slug = `${name}-${randomBytes(3).toString('hex')}`;
  await Organization.query(trx).insert({
    ...{ id: organizationId, name: `Sandbox of ${name}`, slug, guest_user_id: id },
    // Alone, nobody could approve anything.
    allow_self_approval: true,
  });
  await Membership.query(trx)
    .insert({ organization_id: organizationId, user_id: id, role: 'admin' })
    .returning(Membership.columns);
  const project = await insertProject(trx, organizationId, slug);
  await recordAudit(trx, {
    organizationId,
    actor: { id, email: name },
    action: 'guest.create',
    target: { type: 'organization', id: organizationId },
    request,
  });
  return { id, name, organizationId, projectId: project.id };
}

async function insertProject(
  trx: Transaction,
  organizationId: string,
  organizationSlug: string,
): Promise<Project> {
  const project = await Project.query(trx)
    .insert({
      ...{ id: uuid(), organization_id: organizationId, name: 'Sandbox', slug: PROJECT },
      namespace: projectNamespace(organizationSlug, PROJECT) ?? organizationSlug,
    })
    .returning(Project.columns);
  await enqueueOutbox(trx, {
    organizationId,
    kind: 'namespace',
    key: project.namespace,
    payload: namespacePayload(organizationSlug, project),
  });
  return project;
}
