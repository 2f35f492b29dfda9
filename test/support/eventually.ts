import { setTimeout as sleep } from 'node:timers/promises';

/**
 * Repeats a check until it no longer throws.
 *
 * @param check throws as long as the awaited has not happened
 * @param timeoutMs after this its last error is thrown
 * @param pauseMs between two looks
 * @returns what the check gave
 */
export async function eventually<T>(
  check: () => T | Promise<T>,
  timeoutMs = 10_000,
  pauseMs = 20,
): Promise<T> {
  const deadline = performance.now() + timeoutMs;
  for (;;) {
    try {
      return await check();
    } catch (error) {
      if (performance.now() >= deadline) throw error;
    }
    await sleep(pauseMs);
  }
}
