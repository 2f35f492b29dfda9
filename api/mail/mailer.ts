import { createTransport, type Transporter } from 'nodemailer';

/** A mail of plain text. */
export interface Mail {
  to: string;
  subject: string;
  text: string;
}

/** Sends mails. */
export interface Mailer {
  /**
   * Hands a mail to the mail server.
   *
   * @throws when the server cannot be reached or does not take it
   */
  send(mail: Mail): Promise<void>;
  /** Closes its connections. */
  close(): void;
}

/** How long the mail server may take for each step. */
const TIMEOUT_MS = 10_000;

/** Sends by SMTP, over a few connections that are kept. */
export class SmtpMailer implements Mailer {
  readonly #transport: Transporter;
  readonly #from: string;

  /**
   * @param url `smtp://` (STARTTLS where the server offers it) or `smtps://`, with user and password
   * @param from the sender
   */
  constructor(url: string, from: string) {
    this.#transport = createTransport({
      ...parseUrl(new URL(url)),
      pool: true,
      maxConnections: 2,
      connectionTimeout: TIMEOUT_MS,
      greetingTimeout: TIMEOUT_MS,
      socketTimeout: TIMEOUT_MS,
    });
    this.#from = from;
  }

  /** @inheritdoc */
  async send(mail: Mail): Promise<void> {
    // An object, not a text: nothing in it is parsed as further recipients.
    const to = { name: '', address: mail.to };
    await this.#transport.sendMail({ from: this.#from, ...mail, to });
  }

  /** @inheritdoc */
  close(): void {
    this.#transport.close();
  }
}

/** The mailer of a configuration; undefined where no mail server is configured. */
export function createMailer(config: {
  SMTP_URL?: string | undefined;
  MAIL_FROM?: string | undefined;
}): Mailer | undefined {
  if (config.SMTP_URL === undefined || config.MAIL_FROM === undefined) return undefined;
  return new SmtpMailer(config.SMTP_URL, config.MAIL_FROM);
}

/** Of a URL, nodemailer would take its settings alone, and no others. */
function parseUrl(url: URL): SmtpServer {
  const isSecure = url.protocol === 'smtps:';
  const defaultPort = isSecure ? 465 : 587;
  return {
    host: url.hostname,
    port: url.port === '' ? defaultPort : Number(url.port),
    secure: isSecure,
    ...(url.username === ''
      ? {}
      : {
          auth: {
            user: decodeURIComponent(url.username),
            pass: decodeURIComponent(url.password),
          },
        }),
  };
}

interface SmtpServer {
  host: string;
  port: number;
  secure: boolean;
  auth?: { user: string; pass: string };
}
