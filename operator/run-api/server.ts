import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { createRunApi } from './app.ts';
import type { KeyPair } from './certificates.ts';
import type { RunApiDeps } from './run-context.ts';

/** How long calls that are under way may take at the end. */
const CLOSE_GRACE_MS = 5_000;

/** Where and as whom the run API listens. */
export interface RunApiOptions extends RunApiDeps {
  /** Address to bind to. */
  host: string;
  /** 0 for any that is free. */
  port: number;
  server: KeyPair;
}

/** A run API that is listening. */
export interface RunningRunApi {
  address: { host: string; port: number };
  /** Refuses new connections, and ends when calls under way have ended. */
  close(): Promise<void>;
}

/** Starts the run API over TLS; resolves when it listens. */
export async function startRunApi(options: RunApiOptions): Promise<RunningRunApi> {
  const { certificate, key } = options.server;
  const app = createRunApi(options);
  const handle = app.callback();
  const server = createServer(
    { cert: certificate, key, minVersion: 'TLSv1.2' },
    (request, response) => void handle(request, response),
  );
  server.headersTimeout = 10_000;
  server.requestTimeout = 120_000;
  server.keepAliveTimeout = 60_000;
  await listen(server, options);
  const { address, port } = server.address() as AddressInfo;
  return { address: { host: address, port }, close: () => close(server) };
}

function listen(server: Server, { host, port }: { host: string; port: number }): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, host, () => {
      server.off('error', reject);
      resolve();
    });
  });
}

async function close(server: Server): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()));
  server.closeIdleConnections();
  const force = setTimeout(() => server.closeAllConnections(), CLOSE_GRACE_MS);
  await closed;
  clearTimeout(force);
}
