import { lookup as resolve } from 'node:dns';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, request } from 'undici';
import { QuartermasterError } from '../../lib/errors.ts';
import type { AddressGuard } from './private-addresses.ts';

const TIMEOUT_MS = 10_000;

/** The address of a webhook is none that we call. */
export class ForbiddenAddressError extends QuartermasterError {
  readonly code = 'FORBIDDEN_ADDRESS';

  constructor() {
    super('the address is not on the public internet, and not in a network that is allowed');
  }
}

/** What is sent. */
export interface WebhookMessage {
  url: string;
  headers: Record<string, string>;
  body: string;
}

/** Calls webhooks. */
export interface WebhookClient {
  /**
   * Sends a message. Redirects are not followed, and what is answered is not read.
   *
   * @returns the status of the answer
   * @throws {ForbiddenAddressError} or whatever the network says
   */
  post(message: WebhookMessage): Promise<number>;
  close(): Promise<void>;
}

/**
 * A client that checks the very address that it connects to, after the name was resolved: a name
 * that resolves to something else the second time gains nothing.
 */
export function createWebhookClient(guard: AddressGuard): WebhookClient {
  const agent = new Agent({
    connect: { lookup: guardedLookup(guard), timeout: TIMEOUT_MS },
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    // A name is resolved and checked anew for each message but those in quick succession.
    keepAliveTimeout: 1_000,
    keepAliveMaxTimeout: 1_000,
  });
  return {
    post: async ({ url, headers, body }) => {
      const host = new URL(url).hostname.replace(/^\[|\]$/g, '');
      // An address needs no look-up, so that of the agent would not see it.
      if (isIP(host) !== 0 && !guard(host)) throw new ForbiddenAddressError();
      const response = await request(url, { method: 'POST', headers, body, dispatcher: agent });
      await response.body.dump({ limit: 16_384 });
      return response.statusCode;
    },
    close: () => agent.close(),
  };
}

function guardedLookup(guard: AddressGuard): LookupFunction {
  return (hostname, options, done) => {
    resolve(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) {
        done(error, '', 0);
        return;
      }
      const [first] = addresses;
      // One bad address is enough: which of them is connected to is not ours to choose.
      if (!first || !addresses.every(({ address }) => guard(address))) {
        done(new ForbiddenAddressError(), '', 0);
      } else if (options.all) done(null, addresses);
      else done(null, first.address, first.family);
    });
  };
}
