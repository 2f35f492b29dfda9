/** The times of a list and watch; tests shorten them. */
export interface ListWatchTiming {
  /** Between full lists, give or take a tenth. */
  relistMs: number;
  /**
   * A watch lives for a random time between these two. Shorter than with client-go (5 to 10 minutes): a
   * connection that has gone silent is noticed when this time is over, and the server sends a
   * bookmark right before it ends a watch, so the next one goes on from a young version.
   */
  watchMinMs: number;
  watchMaxMs: number;
  /** Longest silence of a watch; the server sends a bookmark about once a minute. */
  idleMs: number;
  /** Longest time for one page of a list. */
  pageMs: number;
  backoffBaseMs: number;
  backoffMaxMs: number;
}

/** The times of production. */
export const DEFAULT_TIMING: Readonly<ListWatchTiming> = {
  relistMs: 10 * 60_000,
  watchMinMs: 30_000,
  watchMaxMs: 45_000,
  idleMs: 150_000,
  pageMs: 30_000,
  backoffBaseMs: 200,
  backoffMaxMs: 30_000,
};

/** The least that a server can be asked for: it counts whole seconds. */
const SHORTEST_WATCH_MS = 1000;

/**
 * How long until the next full list. Spread, so that the informers of many processes that began
 * together do not list together for ever.
 *
 * @param random between 0 and 1
 */
export function untilRelist(
  { relistMs }: Pick<ListWatchTiming, 'relistMs'>,
  random: number,
): number {
  return relistMs * (0.9 + 0.2 * random);
}

/**
 * How long a watch that begins now is to live; no longer than until the next full list.
 *
 * @param random between 0 and 1
 */
export function watchLife(
  { watchMinMs, watchMaxMs }: Pick<ListWatchTiming, 'watchMinMs' | 'watchMaxMs'>,
  untilRelistMs: number,
  random: number,
): number {
  const chosen = watchMinMs + (watchMaxMs - watchMinMs) * random;
  return Math.max(SHORTEST_WATCH_MS, Math.round(Math.min(chosen, untilRelistMs)));
}
