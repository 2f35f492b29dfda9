import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { VERSION } from './version.ts';

/** What answers requests. */
type Listener = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>;

/** Where to listen. */
export interface ListenOptions {
  host: string;
  port: number;
}

/** How long the end may take. */
export interface CloseOptions {
  /** For clients that keep their connections. */
  drainMs?: number;
  /** For requests in progress; then their connections are cut. */
  graceMs?: number;
}

/**
 * An HTTP server that listens from the first moment: until the application is there it says that
 * it is alive, and that it is not ready.
 */
export class ApiServer {
  readonly #server: Server;
  #listener: Listener = answerWhileStarting;
  #isClosing = false;
  readonly #open = new Set<ServerResponse>();

  constructor() {
    this.#server = createServer((request, response) => {
      this.#open.add(response);
      response.once('close', () => this.#open.delete(response));
      if (this.#isClosing) askToGo(response);
      // Koa's promise never rejects: its own handler ends what went wrong.
      void this.#listener(request, response);
    });
    // A client has ten seconds for its headers and a minute for all of it.
    this.#server.headersTimeout = 10_000;
    this.#server.requestTimeout = 60_000;
  }

  /** Begins to listen; resolves with the port. */
  async listen(options: ListenOptions): Promise<number> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject);
      this.#server.listen(options.port, options.host, resolve);
    });
    const address = this.#server.address();
    return typeof address === 'object' && address !== null ? address.port : options.port;
  }

  /** Hands all requests to the application from now on. */
  serve(listener: Listener): void {
    this.#listener = listener;
  }

  /**
   * Ends in order. For the first while it still answers, and asks every client to go: closing a
   * connection that a client is just about to use again would lose that client's request. Then it takes
   * no new ones, and waits for those in progress.
   */
  async close({ drainMs = 0, graceMs = 10_000 }: CloseOptions = {}): Promise<void> {
    this.#isClosing = true;
    for (const response of this.#open) askToGo(response);
    await sleep(drainMs);
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeIdleConnections();
    const force = setTimeout(() => this.#server.closeAllConnections(), graceMs);
    await closed;
    clearTimeout(force);
  }
}

/** The client opens its next connection elsewhere. Of no use once the headers are sent. */
function askToGo(response: ServerResponse): void {
  response.shouldKeepAlive = false;
}

const answerWhileStarting: Listener = (request, response) => {
  const isHealth = request.url === '/health' || request.url === '/api/v1/health';
  const body = isHealth
    ? { status: 'ok' }
    : {
        type: 'urn:quartermaster:problem:unavailable',
        title: 'Service Unavailable',
        status: 503,
        detail: `Quartermaster ${VERSION} is starting.`,
        instance: request.url ?? '/',
        code: 'UNAVAILABLE',
      };
  response.writeHead(isHealth ? 200 : 503, {
    'Content-Type': isHealth ? 'application/json' : 'application/problem+json',
    'Retry-After': '2',
  });
  response.end(JSON.stringify(body));
};
