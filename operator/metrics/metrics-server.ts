import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Registry } from 'prom-client';
import { toError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';

/** A metrics server that is listening. */
export interface MetricsServer {
  port: number;
  close(): Promise<void>;
}

/** Answers `GET /metrics` in the text format of Prometheus, on a port of its own. */
export async function startMetricsServer(
  port: number,
  registry: Registry,
  log: Logger,
): Promise<MetricsServer> {
  const server = createServer((request, response) => {
    if (request.method === 'GET' && request.url === '/metrics') {
      answer(response, registry).catch((error: unknown) => {
        log.error('the metrics could not be read', { error: toError(error) });
        response.writeHead(500).end();
      });
    } else response.writeHead(404).end();
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

async function answer(response: ServerResponse, registry: Registry): Promise<void> {
  const text = await registry.metrics();
  response.writeHead(200, { 'content-type': registry.contentType }).end(text);
}
