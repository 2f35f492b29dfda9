import { toError } from '../../lib/errors.ts';
import type { Dependencies } from '../deps.ts';
import { repeat } from '../sync/repeat.ts';
import { claimMails, finishMail, postponeMail, type MailJob } from './mail-queue.ts';
import type { Mail, Mailer } from './mailer.ts';
import { prepareInvitation } from './prepare-invitation.ts';
import { preparePasswordReset } from './prepare-password-reset.ts';

const LOOK_EVERY_MS = 1_000;

/** What sending mails needs. */
export type MailDependencies = Pick<Dependencies, 'config' | 'database' | 'clock' | 'log'> & {
  mailer: Mailer;
};

/**
 * Sends what is due now. Replicas may do it at the same time; one that dies on the way leaves the
 * mail to the others, which make a new secret for it.
 *
 * @returns how many were taken up
 */
export async function deliverMails(deps: MailDependencies): Promise<number> {
  const jobs = await claimMails(deps.database, deps.clock.now());
  for (const job of jobs) await deliver(deps, job);
  return jobs.length;
}

/**
 * Sends mails for as long as the process lives.
 *
 * @returns ends it, after the mail in hand
 */
export function startMailDelivery(deps: MailDependencies): () => Promise<void> {
  return repeat({
    ...{ name: 'deliver mails', everyMs: LOOK_EVERY_MS, log: deps.log },
    work: async () => {
      await deliverMails(deps);
    },
  });
}

async function deliver(deps: MailDependencies, job: MailJob): Promise<void> {
  try {
    const mail = await prepare(deps, job);
    if (mail) await deps.mailer.send(mail);
  } catch (error) {
    const isKept = await postponeMail(deps.database, job, deps.clock.now());
    const fields = { kind: job.kind, attempts: job.attempts, error: toError(error) };
    if (isKept) deps.log.warn('a mail could not be sent yet', fields);
    else deps.log.error('a mail was given up', fields);
    return;
  }
  await finishMail(deps.database, job.id);
}

function prepare(deps: MailDependencies, job: MailJob): Promise<Mail | undefined> {
  return job.kind === 'invitation'
    ? prepareInvitation(deps, job.invitation_id)
    : preparePasswordReset(deps, job.recipient);
}
