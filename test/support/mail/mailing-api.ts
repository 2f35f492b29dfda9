import { expect } from 'chai';
import { deliverMails } from '../../../api/mail/mail-delivery.ts';
import type { Dependencies } from '../../../api/deps.ts';
import { startTestApi, type TestApi } from '../api/test-api.ts';
import { startSmtpInbox, type ReceivedMail, type SmtpInbox } from './smtp-inbox.ts';

/** The api with a mail server. */
export interface MailingApi extends TestApi {
  inbox: SmtpInbox;
  /** Sends what is due. */
  deliver(): Promise<void>;
  /** Sends what is due, and gives the token in the newest mail to somebody. */
  tokenFor(address: string): Promise<string>;
}

/** Starts the api with a real mail server beside it. */
export async function startMailingApi(
  environment: Record<string, string> = {},
  overrides: Partial<Dependencies> = {},
): Promise<MailingApi> {
  const inbox = await startSmtpInbox();
  const settings = { SMTP_URL: inbox.url, MAIL_FROM: 'Platform <platform@example.com>' };
  const api = await startTestApi(overrides, { ...settings, ...environment });
  const deliver = async (): Promise<void> => {
    await deliverMails({ ...api.deps, mailer: api.deps.mailer! });
  };
  return {
    ...{ ...api, inbox, deliver },
    tokenFor: async (address) => {
      await deliver();
      const mail = inbox.mails.findLast(({ to }) => to.includes(address));
      expect(mail, `a mail to ${address}`).to.exist;
      return tokenIn(mail!);
    },
    close: async () => {
      await api.close();
      await inbox.close();
    },
  };
}

/** The token behind the link of a mail. */
export function tokenIn(mail: ReceivedMail): string {
  const token = /#token=(\S+)/.exec(mail.text)?.[1];
  expect(token, mail.text).to.exist;
  return token!;
}
