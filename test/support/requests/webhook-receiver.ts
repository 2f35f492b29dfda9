import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';

/** A call as the receiver got it. */
export interface ReceivedCall {
  headers: IncomingHttpHeaders;
  body: string;
}

/** A server on loopback that keeps what it is sent. */
export interface WebhookReceiver {
  port: number;
  calls: ReceivedCall[];
  /** Answers with this from now on. */
  answer(status: number, headers?: Record<string, string>): void;
  close(): Promise<void>;
}

/** Starts a receiver that answers with 204. */
export async function startWebhookReceiver(): Promise<WebhookReceiver> {
  const calls: ReceivedCall[] = [];
  const next = { status: 204, headers: {} as Record<string, string> };
  const server = createServer((request, response) => {
    void text(request).then((body) => {
      calls.push({ headers: request.headers, body });
      response.writeHead(next.status, next.headers).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    calls,
    answer: (status, headers = {}) => void Object.assign(next, { status, headers }),
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
