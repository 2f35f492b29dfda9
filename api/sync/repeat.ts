import { toError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import { WakeSignal } from './wake-signal.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** Something that is done again and again. */
export interface Repetition {
  /** For the log. */
  name: string;
  /** After a success. After failures the pauses grow from half a second to half a minute. */
  everyMs: number;
  work: () => Promise<void>;
  log: Logger;
}

/**
 * Does something now and then for as long as the process lives.
 *
 * @returns ends it, after the turn in progress
 */
export function repeat(repetition: Repetition): () => Promise<void> {
  const signal = new WakeSignal();
  const state = { isStopping: false };
  const loop = run(repetition, signal, state);
  return async () => {
    state.isStopping = true;
    signal.wake();
    await loop;
  };
}

async function run(
  { name, everyMs, work, log }: Repetition,
  signal: WakeSignal,
  state: { isStopping: boolean },
): Promise<void> {
  let failures = 0;
  while (!state.isStopping) {
    try {
      await work();
      failures = 0;
    } catch (error) {
      failures += 1;
      log.warn('a repeated task failed', { task: name, failures, error: toError(error) });
    }
    await signal.sleep(failures === 0 ? everyMs : pauseMs(failures));
  }
}

function pauseMs(failures: number): number {
  return Math.min(FIRST_PAUSE_MS * 2 ** Math.min(failures - 1, 10), LONGEST_PAUSE_MS);
}
