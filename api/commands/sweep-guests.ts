import { enqueueOutbox } from '../db/outbox.ts';
import { recordRequestEvent } from '../db/request-events.ts';
import type { Transaction } from '../db/transaction.ts';
import type { Dependencies } from '../deps.ts';
import { Account } from '../models/account.ts';
import { Organization } from '../models/organization.ts';
import { Project } from '../models/project.ts';
import { RequestRevision } from '../models/request-revision.ts';
import { ResourceRequest } from '../models/resource-request.ts';
import { LIVE_STATUSES } from '../policies/request-transitions.ts';
import { enqueueRequest } from './approve-revision.ts';
import { namespacePayload } from './create-project.ts';

const BATCH = 20;

/** What sweeping needs. */
export type SweepDependencies = Pick<Dependencies, 'database' | 'clock'> & {
  /** Whether there is a Kubernetes; without it there is nothing to wait for. */
  isConnected: boolean;
};

/**
 * Takes guests whose hour is over one step further: first what they made is deprovisioned, then
 * the namespaces go, and when Kubernetes has nothing of them any more, their rows. Only the audit
 * log stays, which never loses a line. Doing it twice, or by many replicas, is doing it once.
 *
 * @returns how many are gone for good
 */
export async function sweepGuests(deps: SweepDependencies): Promise<number> {
  const now = deps.clock.now();
  const guests = await deps.database.withSystem('look for guests to sweep', (trx) =>
    Account.query(trx).select('id').where('guest_until', '<=', now).limit(BATCH),
  );
  let gone = 0;
  for (const { id } of guests) {
    const isGone = await deps.database.withSystem('sweep a guest', (trx) =>
      sweepGuest(trx, id, { now, isConnected: deps.isConnected }),
    );
    if (isGone) gone += 1;
  }
  return gone;
}

async function sweepGuest(
  trx: Transaction,
  userId: string,
  { now, isConnected }: { now: Date; isConnected: boolean },
): Promise<boolean> {
  const guest = await Account.query(trx).select('id').findById(userId).forUpdate().skipLocked();
  if (!guest) return false;
  const organization = await Organization.query(trx)
    .select('id', 'slug')
    .findOne({ guest_user_id: userId });
  if (organization) {
    if (await endRequests(trx, organization.id, now)) return false;
    await endProjects(trx, organization, now);
    if (isConnected && (await isWaiting(trx, organization.id))) return false;
    await removeRows(trx, organization.id);
  }
  await Account.query(trx).deleteById(userId);
  return true;
}

/** @returns whether there is something that still has to be deprovisioned */
async function endRequests(trx: Transaction, organizationId: string, now: Date): Promise<boolean> {
  const live = await ResourceRequest.query(trx)
    .where({ organization_id: organizationId })
    .whereIn('status', [...LIVE_STATUSES])
    .forUpdate();
  for (const request of live) {
    if (request.status !== 'deleting') await endRequest(trx, request, now);
  }
  return live.some(({ status }) => status !== 'pending');
}

async function endRequest(trx: Transaction, request: ResourceRequest, now: Date): Promise<void> {
  const { organization_id, id, status } = request;
  const key = { organization_id, id };
  const next = status === 'pending' ? 'deleted' : 'deleting';
  await RequestRevision.settlePending(trx, key, { status: 'cancelled' });
  await ResourceRequest.query(trx)
    .patch({ status: next, pending_revision: null, updated_at: now })
    .where(key);
  if (next === 'deleting') await enqueueRequest(trx, key);
  await recordRequestEvent(trx, {
    ...{ organizationId: organization_id, requestId: id, actorId: null },
    type: 'deletion_requested',
    message: 'The guest is gone.',
  });
}

async function endProjects(
  trx: Transaction,
  organization: Pick<Organization, 'id' | 'slug'>,
  now: Date,
): Promise<void> {
  const projects = await Project.live(trx, organization.id).forUpdate();
  for (const project of projects) {
    await Project.query(trx).patch({ deleted_at: now }).where({ id: project.id });
    await enqueueOutbox(trx, {
      organizationId: organization.id,
      kind: 'namespace-removal',
      key: project.namespace,
      payload: namespacePayload(organization.slug, project),
    });
  }
}

/** Whether the relay has something left to do. What it gave up keeps the rows, for people to see. */
async function isWaiting(trx: Transaction, organizationId: string): Promise<boolean> {
  const rows = await trx('outbox')
    .select('id')
    .where({ organization_id: organizationId, done_at: null })
    .limit(1);
  return rows.length > 0;
}

/** What hangs on these rows goes with them, by the foreign keys. */
async function removeRows(trx: Transaction, organizationId: string): Promise<void> {
  await trx('outbox').where({ organization_id: organizationId }).delete();
  await ResourceRequest.query(trx).delete().where({ organization_id: organizationId });
  await Project.query(trx).delete().where({ organization_id: organizationId });
  await Organization.query(trx).deleteById(organizationId);
}
