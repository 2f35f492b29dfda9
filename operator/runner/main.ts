import { randomUUID } from '../../lib/node-crypto.ts';
import { toError } from '../../lib/errors.ts';
import { maskText } from '../../lib/redaction.ts';
import type { Cancellation } from '../terraform/classify-failure.ts';
import { readRunnerConfig } from './config.ts';
import { readRunFile } from './read-run-file.ts';
import { RunApiClient } from './run-api-client.ts';
import { RunLog } from './run-log.ts';
import { run } from './run.ts';

/**
 * The program in the Job. It ends with status 0 when the outcome was reported, whatever it was; with
 * any other, nobody was told, and the operator judges by the pod.
 */
async function main(): Promise<void> {
  const stop = new AbortController();
  const reason: Cancellation = 'signal';
  for (const name of ['SIGTERM', 'SIGINT'] as const) process.on(name, () => stop.abort(reason));
  const config = readRunnerConfig(process.env);
  const access = await readRunFile(config.runFile);
  const api = new RunApiClient(access, randomUUID());
  const write = (text: string): void => void process.stdout.write(text);
  const log = new RunLog((sequence, text) => api.appendLog(sequence, text), write);
  try {
    const { signal } = stop;
    await run({ config, access, environment: process.env, api, log, signal });
  } finally {
    api.close();
  }
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${maskText(toError(error).message)}\n`);
  process.exitCode = 1;
}
