import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { randomBytes } from '../../lib/node-crypto.ts';
import type { HttpsAnswer } from './https-call.ts';
import type { RunApiClient, StateCall } from './run-api-client.ts';

/** Without the import that would load half of Node; see lib/node-crypto.ts. */
const { createServer } = process.getBuiltinModule('node:http');

const USER = 'engine';
/** What the engine is told when the run API gave no answer: it tries again then. */
const NO_ANSWER: HttpsAnswer = { status: 502, text: '' };
const CONFIRMED: HttpsAnswer = { status: 200, text: '' };
const NO_STATE: HttpsAnswer = { status: 204, text: '' };
const METHODS: readonly string[] = ['GET', 'POST', 'DELETE', 'LOCK'];
/** How long the claim of the run is a look at the lock. */
const CLAIM_MS = 1_000;

/** What the relay needs of the run API. */
export type StateApi = Pick<RunApiClient, 'callState' | 'readState'>;

/** How the engine reaches its state. */
export interface StateBackend {
  url: string;
  user: string;
  password: string;
}

/**
 * The engine's http backend, on the loopback of the pod. Each command of the engine asks for the lock
 * and the state anew, over a connection of its own; the run holds the lock from its start to its
 * result, so the state that was read or written last is the state. What changes it, and whether the
 * lock is still held before that, only the run API says: those calls go on to it, and so do its answers.
 * A command that starts right after the claim, which took the lock, does not look at it once more.
 */
export class StateRelay {
  readonly #api: StateApi;
  readonly #server: Server;
  readonly #password = randomBytes(32).toString('base64url');
  /** What a read answers, from the first one to the next write. */
  #known: Promise<HttpsAnswer> | undefined;
  /** By `performance.now()`. */
  #claimedAt = Number.NEGATIVE_INFINITY;

  private constructor(api: StateApi) {
    this.#api = api;
    this.#server = createServer((incoming, outgoing) => void this.#serve(incoming, outgoing));
  }

  /** Starts one on any port that is free. */
  static async start(api: StateApi): Promise<StateRelay> {
    const relay = new StateRelay(api);
    await new Promise<void>((resolve, reject) => {
      relay.#server.once('error', reject);
      relay.#server.listen(0, '127.0.0.1', resolve);
    });
    return relay;
  }

  /**
   * Hears that the run has just been claimed. The state is fetched, so that it is there when the engine asks.
   *
   * @param stateVersion what the claim said of the state, if it did
   */
  begin(stateVersion: number | undefined): void {
    this.#claimedAt = performance.now();
    if (stateVersion === 0) this.#known = Promise.resolve(NO_STATE);
    else void this.#read();
  }

  /** What the engine is told. */
  get backend(): StateBackend {
    const { port } = this.#server.address() as AddressInfo;
    return { url: `http://127.0.0.1:${port}/state`, user: USER, password: this.#password };
  }

  /** The state that the run API has; empty when there is none. @throws as {@link RunApiClient.readState} */
  async readState(): Promise<string> {
    const { status, text } = await this.#read();
    return status < 300 ? text : this.#api.readState();
  }

  /** Ends all connections. */
  close(): void {
    this.#server.close();
    this.#server.closeAllConnections();
  }

  async #serve(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    try {
      const { status, text } = await this.#answer(incoming);
      const type = { 'Content-Type': 'application/json' };
      outgoing.writeHead(status, text === '' ? {} : type).end(text);
    } catch {
      // The engine broke off, in the middle of what it sent.
      outgoing.destroy();
    }
  }

  async #answer(incoming: IncomingMessage): Promise<HttpsAnswer> {
    const { method = '', headers } = incoming;
    const body = await readAll(incoming);
    if (headers.authorization !== this.#authorization) return { status: 401, text: '' };
    if (method === 'UNLOCK') return CONFIRMED;
    if (method === 'GET') return this.#read();
    if (!METHODS.includes(method)) return { status: 405, text: '' };
    const checksum = headers['content-md5'];
    const call = { method, body, checksum } as StateCall;
    return method === 'LOCK' ? this.#lock(call) : this.#change(call);
  }

  async #lock(call: StateCall): Promise<HttpsAnswer> {
    const isJustClaimed = performance.now() - this.#claimedAt < CLAIM_MS;
    return isJustClaimed ? CONFIRMED : this.#forward(call);
  }

  get #authorization(): string {
    return `Basic ${Buffer.from(`${USER}:${this.#password}`).toString('base64')}`;
  }

  /** What was not answered well is asked again the next time. */
  #read(): Promise<HttpsAnswer> {
    if (this.#known !== undefined) return this.#known;
    const asked = this.#forward({ method: 'GET' }).then((answer) => {
      if (answer.status >= 300 && this.#known === asked) this.#known = undefined;
      return answer;
    });
    this.#known = asked;
    return asked;
  }

  async #change(call: StateCall): Promise<HttpsAnswer> {
    this.#known = undefined;
    const answer = await this.#forward(call);
    if (answer.status < 300 && call.method === 'POST') {
      this.#known = Promise.resolve({ status: 200, text: call.body?.toString('utf8') ?? '' });
    }
    return answer;
  }

  #forward(call: StateCall): Promise<HttpsAnswer> {
    return this.#api.callState(call).catch(() => NO_ANSWER);
  }
}

async function readAll(incoming: IncomingMessage): Promise<Buffer> {
  const parts: Buffer[] = [];
  for await (const part of incoming as AsyncIterable<Buffer>) parts.push(part);
  return Buffer.concat(parts);
}
