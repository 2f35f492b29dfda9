import { setTimeout as sleep } from 'node:timers/promises';
import { PlatformError, throwIfInterrupted } from '../errors.ts';
import { readLogTail } from './log-tail.ts';
import type { RunningProcess } from './supervisor.ts';

/** What is waited for, and how long. */
export interface WaitOptions {
  /** Completes the sentence "waited in vain for …". */
  readonly what: string;
  readonly timeoutMs?: number;
  readonly intervalMs?: number;
  /** The program that makes it true: if it ends, waiting is over, and its log tells why. */
  readonly process?: RunningProcess;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks again and again until the answer is yes.
 *
 * @param isReady a question that may also fail, which counts as no
 * @throws {PlatformError} when the time is over or the program has ended
 * @throws {InterruptedError} when everything is being taken down
 */
export async function waitFor(
  isReady: () => boolean | Promise<boolean>,
  options: WaitOptions,
): Promise<void> {
  const deadline = Date.now() + (options.timeoutMs ?? 60_000);
  for (;;) {
    throwIfInterrupted(options.signal);
    if (await answer(isReady)) return;
    if (options.process?.hasExited()) {
      throw failure(`${options.process.name} ended before ${options.what}`, options);
    }
    if (Date.now() > deadline) throw failure(`waited in vain for ${options.what}`, options);
    await sleep(options.intervalMs ?? 50);
  }
}

async function answer(isReady: () => boolean | Promise<boolean>): Promise<boolean> {
  try {
    return await isReady();
  } catch {
    return false;
  }
}

function failure(message: string, options: WaitOptions): PlatformError {
  const logFile = options.process?.logFile;
  return new PlatformError(
    logFile ? `${message}; see ${logFile}\n${readLogTail(logFile)}` : message,
  );
}
