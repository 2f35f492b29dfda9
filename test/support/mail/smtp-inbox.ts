import { text } from 'node:stream/consumers';
import type { AddressInfo } from 'node:net';
import { SMTPServer } from 'smtp-server';

/** A mail as the server received it. */
export interface ReceivedMail {
  from: string;
  to: string[];
  /** The user who sent it, if the client signed in. */
  user: string | undefined;
  /** Headers and body, with quoted lines put together. */
  text: string;
}

/** A mail server on loopback that keeps what it gets. */
export interface SmtpInbox {
  /** `SMTP_URL` with the user whom it knows. */
  url: string;
  mails: ReceivedMail[];
  /** Refuses mails from now on, or takes them again. */
  refuse(isRefusing: boolean): void;
  close(): Promise<void>;
}

const USER = 'quartermaster';
const PASSWORD = 'p@ss word';

/** Starts a mail server that takes mails of one user. */
export async function startSmtpInbox(): Promise<SmtpInbox> {
  const mails: ReceivedMail[] = [];
  const state = { isRefusing: false };
  const server = new SMTPServer({
    // No certificate in tests.
    disabledCommands: ['STARTTLS'],
    allowInsecureAuth: true,
    onAuth: ({ username, password }, _session, done) => {
      if (username === USER && password === PASSWORD) done(null, { user: USER });
      else done(new Error('who is that'));
    },
    onMailFrom: (_address, _session, done) => {
      done(state.isRefusing ? new Error('not now') : null);
    },
    onData: (stream, session, done) => {
      void text(stream).then((raw) => {
        const { mailFrom, rcptTo } = session.envelope;
        mails.push({
          from: mailFrom === false ? '' : mailFrom.address,
          to: rcptTo.map(({ address }) => address),
          user: session.user as string | undefined,
          text: raw.replaceAll('=\r\n', '').replaceAll('=3D', '='),
        });
        done();
      });
    },
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://${USER}:${encodeURIComponent(PASSWORD)}@127.0.0.1:${port}`,
    mails,
    refuse: (isRefusing) => {
      state.isRefusing = isRefusing;
    },
    close: () => new Promise((resolve) => server.close(resolve)),
  };
}
