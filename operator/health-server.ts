import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A health server that is listening. */
export interface HealthServer {
  port: number;
  close(): Promise<void>;
}

/**
 * Answers `GET /health` as long as the process lives, and `GET /ready` with 200 while `isReady`
 * says so, else 503.
 */
export async function startHealthServer(
  port: number,
  isReady: () => boolean,
): Promise<HealthServer> {
  const server = createServer((request, response) => {
    const status = statusFor(request.url, isReady);
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

function statusFor(url: string | undefined, isReady: () => boolean): number {
  if (url === '/health') return 200;
  if (url === '/ready') return isReady() ? 200 : 503;
  return 404;
}
