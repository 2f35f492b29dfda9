import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { stringify } from 'yaml';
import { Agent, request } from 'undici';
import type { ControlPlane } from '../../../dev/kubernetes/control-plane-options.ts';

/** What goes wrong with one call. */
export type Fault =
  /** An answer with this status, in place of the real one. */
  | { kind: 'status'; status: number; headers?: Record<string, string>; body?: unknown }
  /** The connection is reset before an answer. */
  | { kind: 'reset' }
  /** Never an answer. */
  | { kind: 'hang' }
  /** Status 200 and this text, in place of the real answer. */
  | { kind: 'text'; text: string }
  /** The real answer begins, but not a byte of its body comes. */
  | { kind: 'mute' }
  /** The real answer, all of it so much later. */
  | { kind: 'late'; byMs: number }
  /** The real answer, once something has happened. */
  | { kind: 'held'; until: Promise<void> }
  /** The real answer for so long, then the connection is reset. */
  | { kind: 'cut'; afterMs: number }
  /** The real answer for so long, then a clean end. */
  | { kind: 'end'; afterMs: number }
  /** The real answer up to so many bytes, then a clean end: in the middle of a line. */
  | { kind: 'truncate'; bytes: number };

/** A call that came to the proxy. */
export interface ProxiedCall {
  method: string;
  isWatch: boolean;
  url: URL;
}

/** A proxy before the API server that breaks calls as it is told. */
export class FaultProxy {
  /** Which fault to play on a call; none by default. */
  decide: (call: ProxiedCall) => Fault | undefined = () => undefined;
  /** Every call so far. */
  readonly calls: ProxiedCall[] = [];
  readonly #server: Server;
  readonly #upstream: string;
  readonly #agent: Agent;
  readonly #directory = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-proxy-'));

  private constructor(upstream: string, agent: Agent) {
    this.#upstream = upstream;
    this.#agent = agent;
    this.#server = createServer((incoming, outgoing) => void this.#handle(incoming, outgoing));
  }

  /** Starts a proxy that has all rights on the API server behind it. */
  static async start(controlPlane: ControlPlane): Promise<FaultProxy> {
    const { certificate: cert, key } = await controlPlane.pki.issue({
      commonName: 'fault-proxy',
      organization: 'system:masters',
    });
    const { server, authority: ca } = controlPlane.cluster;
    const proxy = new FaultProxy(server, new Agent({ connect: { ca, cert, key }, allowH2: false }));
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** Writes a kubeconfig that goes through the proxy; its path. */
  writeKubeconfig(): string {
    const { port } = this.#server.address() as AddressInfo;
    const server = `http://127.0.0.1:${port}`;
    const file = path.join(this.#directory, 'kubeconfig');
    const content = {
      'current-context': 'proxy',
      clusters: [{ name: 'proxy', cluster: { server, 'insecure-skip-tls-verify': true } }],
      users: [{ name: 'proxy', user: {} }],
      contexts: [{ name: 'proxy', context: { cluster: 'proxy', user: 'proxy' } }],
    };
    writeFileSync(file, stringify(content));
    return file;
  }

  /** The watches so far. */
  get watches(): ProxiedCall[] {
    return this.calls.filter(({ isWatch }) => isWatch);
  }

  /** The lists and other calls so far. */
  get lists(): ProxiedCall[] {
    return this.calls.filter(({ isWatch }) => !isWatch);
  }

  /** Resets all connections now. */
  resetAll(): void {
    this.#server.closeAllConnections();
  }

  async stop(): Promise<void> {
    this.#server.close();
    this.#server.closeAllConnections();
    await this.#agent.destroy();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #handle(incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
    const url = new URL(incoming.url ?? '/', this.#upstream);
    const { method = 'GET' } = incoming;
    const call = { method, isWatch: url.searchParams.get('watch') === 'true', url };
    this.calls.push(call);
    const fault = this.decide(call);
    try {
      if (!fault || !playInstead(fault, outgoing)) {
        await this.#forward(url, incoming, outgoing, fault);
      }
    } catch {
      outgoing.destroy();
    }
  }

  async #forward(
    url: URL,
    incoming: IncomingMessage,
    outgoing: ServerResponse,
    fault: Fault | undefined,
  ): Promise<void> {
    const abort = new AbortController();
    outgoing.once('close', () => abort.abort());
    const type = incoming.headers['content-type'];
    const answer = await request(url, {
      method: incoming.method as 'GET',
      dispatcher: this.#agent,
      headers: type === undefined ? {} : { 'content-type': type },
      body: incoming.method === 'GET' ? null : incoming,
      signal: abort.signal,
    });
    if (fault?.kind === 'held') await fault.until;
    outgoing.writeHead(answer.statusCode, { 'content-type': 'application/json' });
    outgoing.flushHeaders();
    if (fault) playOn(fault, outgoing);
    const body = answer.body as AsyncIterable<Buffer>;
    if (fault?.kind === 'late') await copyLate(body, outgoing, fault.byMs);
    else await copyBody(body, outgoing, fault);
  }
}

async function copyBody(
  body: AsyncIterable<Buffer>,
  outgoing: ServerResponse,
  fault: Fault | undefined,
): Promise<void> {
  let room = fault?.kind === 'truncate' ? fault.bytes : Infinity;
  for await (const chunk of body) {
    if (fault?.kind === 'mute') continue;
    outgoing.write(chunk.subarray(0, room));
    room -= chunk.length;
    if (room <= 0) break;
  }
  if (fault?.kind !== 'mute') outgoing.end();
}

async function copyLate(
  body: AsyncIterable<Buffer>,
  outgoing: ServerResponse,
  byMs: number,
): Promise<void> {
  for await (const chunk of body) setTimeout(() => outgoing.write(chunk), byMs);
  setTimeout(() => outgoing.end(), byMs);
}

/** Faults that take the place of the real answer; false for the others. */
function playInstead(fault: Fault, outgoing: ServerResponse): boolean {
  switch (fault.kind) {
    case 'status':
      outgoing.writeHead(fault.status, { 'content-type': 'application/json', ...fault.headers });
      outgoing.end(JSON.stringify(fault.body ?? {}));
      return true;
    case 'reset':
      outgoing.destroy();
      return true;
    case 'text':
      outgoing.writeHead(200, { 'content-type': 'application/json' });
      outgoing.end(fault.text);
      return true;
    case 'hang':
      return true;
    default:
      return false;
  }
}

function playOn(fault: Fault, outgoing: ServerResponse): void {
  if (fault.kind === 'cut') setTimeout(() => outgoing.destroy(), fault.afterMs);
  if (fault.kind === 'end') setTimeout(() => outgoing.end(), fault.afterMs);
}
