import { setTimeout as sleep } from 'node:timers/promises';
import type { RunAccess, RunFailure, RunResult, RunSpec } from '../terraform/run-contract.ts';
import type { RunnerConfig } from './config.ts';
import { buildEngineEnvironment } from './engine-environment.ts';
import { RunApiRefusal } from './errors.ts';
import { createHandOver } from './hand-over-state.ts';
import { describeFailure, performRun } from './perform-run.ts';
import type { RunApiClient } from './run-api-client.ts';
import type { RunLog } from './run-log.ts';
import { listSecretValues } from './secret-environment.ts';
import { StateRelay } from './state-relay.ts';
import { RunFailedError } from './step-failure.ts';
import { prepareWorkspace } from './workspace.ts';

const WAIT_MS = 5_000;

/** What a runner is made of. */
export interface Runner {
  config: RunnerConfig;
  access: RunAccess;
  environment: Record<string, string | undefined>;
  api: RunApiClient;
  log: RunLog;
  /** Aborted by SIGTERM. */
  signal: AbortSignal;
}

/**
 * Claims the run, does it and reports. A process that comes second does nothing but wait: were it to
 * end, its Job would count as ended too, and the first process would be stopped in the middle.
 */
export async function run(runner: Runner): Promise<void> {
  const { api, log, access, environment } = runner;
  log.addSecrets([access.token, ...listSecretValues(environment)]);
  const relay = await StateRelay.start(api);
  try {
    await claimAndPerform(runner, relay);
  } finally {
    relay.close();
  }
}

async function claimAndPerform(runner: Runner, relay: StateRelay): Promise<void> {
  const { api, log } = runner;
  const [started] = await Promise.allSettled([api.start()]);
  if (started.status === 'rejected' && isTaken(started.reason)) {
    log.add('another process has this run; waiting for its end');
    await waitForEnd(runner);
    return;
  }
  const result =
    started.status === 'rejected'
      ? refuse(started.reason, log)
      : await performSpec(runner, relay, started.value);
  await report(runner, result);
}

async function performSpec(runner: Runner, relay: StateRelay, spec: RunSpec): Promise<RunResult> {
  const { config, environment, api, log, signal } = runner;
  relay.begin(spec.savedPlan?.stateVersion);
  log.addSecrets([...spec.masks, relay.backend.password]);
  try {
    const workspace = await prepareWorkspace(config.workDirectory, config.platformDirectory, spec);
    const engineEnvironment = buildEngineEnvironment(environment, workspace, relay.backend);
    const handOver = createHandOver({ api, log, workspace, file: config.terminationFile });
    return await performRun(
      {
        spec,
        program: config.engines[spec.engine],
        workspace,
        environment: engineEnvironment,
        log,
        signal,
        graceMs: config.graceMs,
        startedAt: performance.now(),
      },
      { api, state: relay, handOver },
    );
  } catch (error) {
    return { outcome: 'failed', failure: describeFailure(error, log) };
  }
}

/** The end of the log goes along: with the result the token ends. */
async function report({ api, log }: Runner, result: RunResult): Promise<void> {
  log.add(
    result.failure === undefined
      ? 'the run succeeded'
      : `the run failed (${result.failure.type}): ${result.failure.message}`,
  );
  const rest = await log.end();
  const end = rest === undefined ? {} : { log: rest };
  try {
    await api.report({ ...result, ...end });
  } catch (error) {
    // Reported already, by an attempt whose answer was lost, or judged by the operator.
    if (error instanceof RunApiRefusal && error.status === 410) return;
    if (!(error instanceof RunApiRefusal) || result.outputs === undefined) throw error;
    const message = `the outputs were refused: ${error.message}`;
    const failure: RunFailure = { type: 'Configuration', message };
    await api.report({ outcome: 'failed', failure, ...end });
  }
}

function refuse(reason: unknown, log: RunLog): RunResult {
  return { outcome: 'failed', failure: describeFailure(explainRefusal(reason), log) };
}

/** What the run API's refusal of a start means for the run. */
function explainRefusal(reason: unknown): unknown {
  if (!(reason instanceof RunApiRefusal)) return reason;
  if (reason.status === 423) {
    return new RunFailedError({ type: 'StateLocked', message: reason.message });
  }
  if (reason.status === 422) {
    return new RunFailedError({ type: 'Configuration', message: reason.message });
  }
  return reason;
}

/** 409: another process was first. 410: the run has ended, or is gone. */
function isTaken(reason: unknown): boolean {
  return reason instanceof RunApiRefusal && (reason.status === 409 || reason.status === 410);
}

async function waitForEnd({ api, signal }: Runner): Promise<void> {
  try {
    while (!signal.aborted) {
      await api.readSpec();
      await sleep(WAIT_MS, undefined, { signal });
    }
  } catch {
    // Ended, gone or told to stop: nothing is left to wait for.
  }
}
