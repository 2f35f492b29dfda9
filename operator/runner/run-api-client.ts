import { Agent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import type { PlanUpload, RunAccess, RunResult, RunSpec } from '../terraform/run-contract.ts';
import { RunApiRefusal, RunApiUnreachableError } from './errors.ts';
import { sendCall, type HttpsAnswer } from './https-call.ts';

/** How long we keep trying. What would be lost for ever is tried for as long as the pod lives. */
const PATIENCE_MS = {
  ordinary: 60_000,
  log: 20_000,
  precious: 15 * 60_000,
  irreplaceable: Number.POSITIVE_INFINITY,
};
const FIRST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;

type Body = { json: unknown } | { text: string } | { bytes: Buffer };

/** One attempt of a call to the run API. */
interface Attempt {
  method: StateCall['method'];
  /** Behind the path of the run. */
  path: string;
  body?: Body | undefined;
  headers?: Record<string, string>;
}

/** One kind of call to the run API. */
interface ApiCall extends Attempt {
  patienceMs: number;
}

/** One call of the engine's http backend. */
export interface StateCall {
  method: 'GET' | 'POST' | 'DELETE' | 'LOCK';
  body?: Buffer | undefined;
  /** MD5 of the body, as the engine sends it. */
  checksum?: string | undefined;
}

/** Talks to the run API as one process of one run. */
export class RunApiClient {
  readonly #access: RunAccess;
  readonly #instance: string;
  readonly #agent: Agent;
  #isClosed = false;

  constructor(access: RunAccess, instance: string) {
    this.#access = access;
    this.#instance = instance;
    this.#agent = new Agent({ ca: access.ca, keepAlive: true, maxSockets: 4 });
  }

  /**
   * Claims the run for this process.
   *
   * @returns what is to be done
   * @throws {RunApiRefusal} 409 if another process has it, 422 if what is to be done cannot be said
   */
  async start(): Promise<RunSpec> {
    const body = { json: { instance: this.#instance } };
    const patienceMs = PATIENCE_MS.ordinary;
    const { text } = await this.#send({ method: 'POST', path: '/start', body, patienceMs });
    // Of the release before, which may still serve while an upgrade is under way, it has to be asked for.
    return text === '' ? this.readSpec() : (JSON.parse(text) as RunSpec);
  }

  /** What is to be done. @throws {RunApiRefusal} 422 if that cannot be said */
  async readSpec(): Promise<RunSpec> {
    const patienceMs = PATIENCE_MS.ordinary;
    const { text } = await this.#send({ method: 'GET', path: '', patienceMs });
    return JSON.parse(text) as RunSpec;
  }

  /** Adds a part to the log; the same part twice is that part once. */
  async appendLog(sequence: number, text: string): Promise<void> {
    const path = `/log?sequence=${sequence}`;
    await this.#send({ method: 'POST', path, body: { text }, patienceMs: PATIENCE_MS.log });
  }

  /** The state; empty when there is none. */
  async readState(): Promise<string> {
    const patienceMs = PATIENCE_MS.precious;
    return (await this.#send({ method: 'GET', path: '/state', patienceMs })).text;
  }

  /** Passes a call of the engine on, once: the engine itself tries again. @throws whatever the network throws */
  async callState({ method, body, checksum }: StateCall): Promise<HttpsAnswer> {
    const path = method === 'LOCK' ? '/state/lock' : '/state';
    const bytes = body === undefined || body.length === 0 ? undefined : { bytes: body };
    const headers = checksum === undefined ? {} : { 'Content-MD5': checksum };
    return this.#call({ method, path, body: bytes, headers });
  }

  /** Hands over a state that the engine could not hand over itself. */
  async uploadState(bytes: Buffer): Promise<void> {
    const patienceMs = PATIENCE_MS.irreplaceable;
    await this.#send({ method: 'POST', path: '/state', body: { bytes }, patienceMs });
  }

  /** Hands a plan over. @returns its digest */
  async savePlan(plan: PlanUpload): Promise<string> {
    const body = { json: plan };
    const patienceMs = PATIENCE_MS.ordinary;
    try {
      const { text } = await this.#send({ method: 'POST', path: '/plan', body, patienceMs });
      return (JSON.parse(text) as { planDigest: string }).planDigest;
    } catch (error) {
      // The release before, which may still serve while an upgrade is under way, does not know it.
      const isUnknown = error instanceof RunApiRefusal && error.status === 400;
      if (!isUnknown || plan.installation === undefined) throw error;
      return this.savePlan({ ...plan, installation: undefined });
    }
  }

  /** The plan that is to be applied. @throws {RunApiRefusal} 412 if it must not be, any more */
  async readPlan(): Promise<Buffer> {
    const patienceMs = PATIENCE_MS.ordinary;
    const { text } = await this.#send({ method: 'GET', path: '/plan', patienceMs });
    return Buffer.from((JSON.parse(text) as { file: string }).file, 'base64');
  }

  /** Reports the end. @throws {RunApiRefusal} 410 if the run has ended already */
  async report(result: RunResult): Promise<void> {
    const patienceMs = PATIENCE_MS.precious;
    await this.#send({ method: 'POST', path: '/result', body: { json: result }, patienceMs });
  }

  /** Ends all connections, and all patience: what is under way is tried no more. */
  close(): void {
    this.#isClosed = true;
    this.#agent.destroy();
  }

  /** Tries until it is answered, refused, or patience ends. */
  async #send(call: ApiCall): Promise<HttpsAnswer> {
    const end = performance.now() + call.patienceMs;
    for (let pause = FIRST_PAUSE_MS; ; pause = Math.min(pause * 2, LONGEST_PAUSE_MS)) {
      const answer = await this.#attempt(call);
      if (!(answer instanceof Error) && answer.status < 300) return answer;
      if (!(answer instanceof Error) && !isPassing(answer.status)) throw readRefusal(answer);
      if (this.#isClosed || performance.now() + pause > end) {
        const cause = answer instanceof Error ? answer : new Error(`status ${answer.status}`);
        throw new RunApiUnreachableError('the run API cannot be reached', { cause });
      }
      await sleep(pause * (0.75 + Math.random() / 2));
    }
  }

  async #attempt(call: ApiCall): Promise<HttpsAnswer | Error> {
    try {
      return await this.#call(call);
    } catch (error) {
      return error instanceof Error ? error : new Error('the call failed', { cause: error });
    }
  }

  #call({ method, path, body, headers }: Attempt): Promise<HttpsAnswer> {
    const { url, run, token } = this.#access;
    const credentials = Buffer.from(`${this.#instance}:${token}`).toString('base64');
    const { content, type } = encodeBody(body);
    return sendCall({
      method,
      url: `${url}/v1/runs/${encodeURIComponent(run)}${path}`,
      headers: {
        ...headers,
        Authorization: `Basic ${credentials}`,
        ...(content === undefined
          ? {}
          : { 'Content-Type': type, 'Content-Length': String(Buffer.byteLength(content)) }),
      },
      body: content,
      agent: this.#agent,
    });
  }
}

function encodeBody(body: Body | undefined): {
  content: string | Buffer | undefined;
  type: string;
} {
  if (body === undefined) return { content: undefined, type: '' };
  if ('json' in body) return { content: JSON.stringify(body.json), type: 'application/json' };
  if ('text' in body) return { content: body.text, type: 'text/plain; charset=utf-8' };
  return { content: body.bytes, type: 'application/json' };
}

/** Too many calls, or the server's own trouble: worth another try. */
function isPassing(status: number): boolean {
  return status === 429 || status >= 500;
}

function readRefusal({ status, text }: HttpsAnswer): RunApiRefusal {
  try {
    const problem = Object(JSON.parse(text)) as Record<string, unknown>;
    return new RunApiRefusal(status, String(problem['code']), String(problem['detail']));
  } catch {
    return new RunApiRefusal(status, 'REFUSED', `the run API answered with status ${status}`);
  }
}
