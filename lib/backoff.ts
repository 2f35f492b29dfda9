/** How long to wait between attempts. */
export interface BackoffLimits {
  baseMs: number;
  maxMs: number;
}

/**
 * Exponential backoff with jitter: base × 2^(failures − 1), a quarter more or less, never above
 * the maximum. The jitter keeps many that failed together from coming back together.
 *
 * @param failures failed attempts in a row, at least 1
 * @param random a number from 0 to 1, such as `Math.random()`
 * @returns milliseconds
 */
export function backoffDelay(failures: number, limits: BackoffLimits, random: number): number {
  // 2^31 is far beyond every maximum, and keeps the power finite.
  const exponential = limits.baseMs * 2 ** Math.min(failures - 1, 31);
  return Math.min(limits.maxMs, exponential * (0.75 + 0.5 * random));
}
