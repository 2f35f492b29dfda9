import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A health server that is listening. */
export interface HealthServer {
  port: number;
  close(): Promise<void>;
}

/** What the health server asks, at every call. */
export interface Health {
  /** False when only a new start can help. */
  isAlive(): boolean;
  /** Whether others may count on this process now. */
  isReady(): boolean;
}

/** Answers `GET /health` and `GET /ready` with 200 where the answer is yes, else with 503. */
export async function startHealthServer(port: number, health: Health): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const status = statusFor(request.url, health);
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ status: status === 200 ? 'ok' : 'unavailable' }));
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, resolve);
  });
  return {
    port: (server.address() as AddressInfo).port,
    close: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      await closed;
    },
  };
}

function statusFor(url: string | undefined, health: Health): number {
  if (url === '/health') return health.isAlive() ? 200 : 503;
  if (url === '/ready') return health.isReady() ? 200 : 503;
  return 404;
}
