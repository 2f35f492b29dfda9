import { writeFile } from 'node:fs/promises';
import type { RunApiClient } from './run-api-client.ts';
import type { RunLog } from './run-log.ts';
import { readErroredState, type Workspace } from './workspace.ts';

/** How people find such a pod; docs/operate-state.md names it. */
const ALARM =
  'THE STATE IS ONLY IN THIS POD: the run API takes it as soon as it can be reached. Do not delete this pod.';
const DONE = 'The state was handed over.';
/** How often the log says that it is still so. */
const REMIND_MS = 30_000;

/** What {@link createHandOver} needs. */
export interface HandOverOptions {
  api: RunApiClient;
  log: RunLog;
  workspace: Workspace;
  /** Where the termination message of the pod is written. */
  file: string;
}

/**
 * Hands over the state that the engine could not save, if there is one. It goes on trying for as long
 * as the pod lives, also when the pod is told to stop: without that state nobody knows what was made.
 *
 * @returns a function that resolves when the run API has the state, or there was none
 */
export function createHandOver(options: HandOverOptions): () => Promise<void> {
  const { api, log, workspace, file } = options;
  return async () => {
    const state = await readErroredState(workspace);
    if (state === undefined) return;
    log.add(`the engine could not save its state; handing it over. ${ALARM}`);
    await writeTermination(file, ALARM);
    const began = performance.now();
    const reminder = setInterval(() => {
      const seconds = Math.round((performance.now() - began) / 1000);
      log.add(`still trying, for ${seconds} seconds now. ${ALARM}`);
    }, REMIND_MS);
    try {
      await api.uploadState(state);
    } finally {
      clearInterval(reminder);
    }
    log.add('the state was handed over');
    await writeTermination(file, DONE);
  };
}

/** Where it cannot be written, the log still says it. */
async function writeTermination(file: string, text: string): Promise<void> {
  await writeFile(file, `${text}\n`).catch(() => undefined);
}
