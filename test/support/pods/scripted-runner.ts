import { randomUUID } from 'node:crypto';
import { Agent } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { RunApiRefusal } from '../../../operator/runner/errors.ts';
import { sendCall } from '../../../operator/runner/https-call.ts';
import { RunApiClient } from '../../../operator/runner/run-api-client.ts';
import type { RunAccess, RunResult, RunSpec } from '../../../operator/terraform/run-contract.ts';
import type { ContainerEnd, PodTask, StartProgram } from './pod-program.ts';

/** What a script works with, in place of an engine. */
export interface ScriptedRun {
  spec: RunSpec;
  environment: Record<string, string>;
  /** Aborted by SIGTERM. */
  signal: AbortSignal;
  /** The state, if there is one. */
  readState(): Promise<object | undefined>;
  writeState(state: object): Promise<void>;
}

/** Does what an engine would do, and says what is to be reported. */
export type Script = (run: ScriptedRun) => Promise<RunResult>;

/** The script of a run that takes its time and succeeds. */
export function workFor(
  milliseconds: number,
  result: RunResult = { outcome: 'succeeded' },
): Script {
  return async ({ signal }) => {
    await sleep(milliseconds, undefined, { signal });
    return result;
  };
}

/**
 * A program for pods that speaks to the real run API, with the runner's own client and its
 * patience, and does by script what an engine would do. It lives in this process: SIGKILL means
 * that it never calls again.
 */
export function scriptedRunner(script: Script): StartProgram {
  return (task) => {
    const killed = Promise.withResolvers<ContainerEnd>();
    const stop = new AbortController();
    const process = new ScriptedProcess(task, script, stop.signal);
    const ended = process.run().then(
      (): ContainerEnd => ({ exitCode: 0 }),
      (): ContainerEnd => ({ exitCode: 1 }),
    );
    return {
      exited: Promise.race([killed.promise, ended]),
      kill: (signal) => {
        stop.abort();
        if (signal !== 'SIGKILL') return;
        process.die();
        killed.resolve({ exitCode: 137 });
      },
    };
  };
}

class ScriptedProcess {
  readonly #task: PodTask;
  readonly #script: Script;
  readonly #signal: AbortSignal;
  readonly #instance = randomUUID();
  readonly #api: RunApiClient;
  readonly #agent: Agent;
  #isDead = false;

  constructor(task: PodTask, script: Script, signal: AbortSignal) {
    this.#task = task;
    this.#script = script;
    this.#signal = signal;
    this.#api = new RunApiClient(task.access, this.#instance);
    this.#agent = new Agent({ ca: task.access.ca });
  }

  die(): void {
    this.#isDead = true;
    this.#api.close();
  }

  async run(): Promise<void> {
    try {
      await this.#start();
    } catch (error) {
      // Another process has the run, or it has ended.
      if (!(error instanceof RunApiRefusal) || ![409, 410].includes(error.status)) throw error;
    } finally {
      this.#api.close();
      this.#agent.destroy();
    }
  }

  async #start(): Promise<void> {
    const spec = await this.#alive(this.#api.start());
    const result = await this.#alive(
      this.#script({
        spec,
        environment: this.#task.environment,
        signal: this.#signal,
        readState: () => this.#alive(this.#readState()),
        writeState: (state) =>
          this.#alive(this.#api.uploadState(Buffer.from(JSON.stringify(state)))),
      }).catch((error: unknown) => this.#interrupted(error)),
    );
    await this.#alive(this.#api.report(result));
  }

  #interrupted(error: unknown): RunResult {
    if (!this.#signal.aborted) throw error;
    const message = 'The runner was told to stop.';
    return { outcome: 'failed', failure: { type: 'Interrupted', message } };
  }

  /** Whoever is dead does not go on with an answer. */
  async #alive<T>(answer: Promise<T>): Promise<T> {
    const result = await answer;
    return this.#isDead ? new Promise<T>(() => undefined) : result;
  }

  /** As the engine reads it. */
  async #readState(): Promise<object | undefined> {
    const { url, run, token }: RunAccess = this.#task.access;
    const credentials = Buffer.from(`${this.#instance}:${token}`).toString('base64');
    for (;;) {
      const answer = await sendCall({
        method: 'GET',
        url: `${url}/v1/runs/${run}/state`,
        headers: { authorization: `Basic ${credentials}` },
        agent: this.#agent,
      }).catch(() => undefined);
      if (answer?.status === 204) return undefined;
      if (answer?.status === 200) return JSON.parse(answer.text) as object;
      await sleep(200, undefined, { signal: this.#signal });
    }
  }
}
