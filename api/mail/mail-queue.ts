import { v7 as uuid } from 'uuid';
import type { Database } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';

/** How long one replica has for a mail before another tries. */
const LEASE_MS = 60_000;
/** A mail that could not be sent so often is given up: the last pause is about eight hours. */
const MOST_ATTEMPTS = 10;
const BATCH = 10;

/** A mail that is to be sent. */
export type MailJob = { id: string; recipient: string; attempts: number } & (
  { kind: 'invitation'; invitation_id: string } | { kind: 'password_reset'; invitation_id: null }
);

/** Asks for the mail of an invitation, in the transaction that makes it. */
export async function queueInvitation(
  trx: Transaction,
  invitation: { id: string; organization_id: string; email: string },
): Promise<void> {
  await trx('mail_queue').insert({
    id: uuid(),
    kind: 'invitation',
    recipient: invitation.email,
    invitation_id: invitation.id,
    organization_id: invitation.organization_id,
  });
}

/**
 * Asks for the mail with which a password is chosen. The same is written for every address: whether
 * it has an account is looked up when the mail is sent, so the answer tells nothing.
 */
export async function queuePasswordReset(database: Database, recipient: string): Promise<void> {
  await database.withSystem('queue the mail of a password reset', (trx) =>
    trx('mail_queue')
      .insert({ id: uuid(), kind: 'password_reset', recipient })
      .onConflict()
      .ignore(),
  );
}

/** Takes mails that are due; nobody else gets them for a minute. */
export async function claimMails(database: Database, now: Date): Promise<MailJob[]> {
  return database.withSystem('claim mails', async (trx) => {
    const due = trx('mail_queue')
      .select('id')
      .where('available_at', '<=', now)
      .orderBy('available_at')
      .limit(BATCH)
      .forUpdate()
      .skipLocked();
    const rows = await trx('mail_queue')
      .whereIn('id', due)
      .update({
        attempts: trx.raw('attempts + 1'),
        available_at: new Date(now.getTime() + LEASE_MS),
      })
      .returning<MailJob[]>(['id', 'kind', 'recipient', 'invitation_id', 'attempts']);
    return rows;
  });
}

/** Takes a mail out of the queue. */
export async function finishMail(database: Database, id: string): Promise<void> {
  await database.withSystem('finish a mail', (trx) => trx('mail_queue').where({ id }).delete());
}

/**
 * Puts a mail off that could not be sent: by one minute, two, four, … .
 *
 * @returns false when it was given up
 */
export async function postponeMail(database: Database, job: MailJob, now: Date): Promise<boolean> {
  if (job.attempts >= MOST_ATTEMPTS) {
    await finishMail(database, job.id);
    return false;
  }
  const availableAt = new Date(now.getTime() + LEASE_MS * 2 ** (job.attempts - 1));
  await database.withSystem('postpone a mail', (trx) =>
    trx('mail_queue').where({ id: job.id }).update({ available_at: availableAt }),
  );
  return true;
}
