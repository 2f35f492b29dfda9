/** A run, as far as its turn is concerned. */
export interface Contender {
  key: string;
  /** Whose turn it is; runs of one organization share. */
  organization: string;
  /** RFC 3339. */
  createdAt: string;
  /** Whether it has its Job. */
  isActive: boolean;
  /** Whether it can wait for everything else. */
  isBackground: boolean;
  /** When its organization had its last turn, in turns; 0 if never. */
  lastTurn: number;
}

/**
 * The runs that may start now: real work first, then what can wait. The latter never has more than
 * half of the places, so that real work soon finds one.
 *
 * @param contenders all runs that have not finished
 * @param limit most runs at work
 * @returns keys, in the order of their turns
 */
export function pickNextRuns(contenders: readonly Contender[], limit: number): string[] {
  const active = contenders.filter(({ isActive }) => isActive);
  const waiting = contenders.filter(({ isActive }) => !isActive);
  const urgent = waiting.filter(({ isBackground }) => !isBackground);
  const first = shareOut(active, urgent, limit - active.length);
  const inBackground = active.filter(({ isBackground }) => isBackground).length;
  const places = Math.min(
    limit - active.length - first.length,
    Math.max(1, Math.floor(limit / 2)) - inBackground,
  );
  const background = waiting.filter(({ isBackground }) => isBackground);
  return [...first, ...shareOut(active, background, places)];
}

/**
 * The oldest of the organization with the fewest runs at work, again and again until no place is
 * left. Among organizations with as many, the one whose last turn is longest ago: were it the one
 * whose run is oldest, those who ask for much would come first again and again.
 */
function shareOut(
  active: readonly Contender[],
  waiting: readonly Contender[],
  places: number,
): string[] {
  const shares = new Map<string, { load: number; queue: Contender[] }>();
  for (const contender of [...active, ...waiting]) {
    const share = shares.get(contender.organization) ?? { load: 0, queue: [] };
    shares.set(contender.organization, share);
    if (contender.isActive) share.load += 1;
    else share.queue.push(contender);
  }
  for (const { queue } of shares.values()) queue.sort(byAge);
  const picked: string[] = [];
  for (let free = places; free > 0; free -= 1) {
    const next = findNext([...shares.values()]);
    const turn = next?.queue.shift();
    if (next === undefined || turn === undefined) break;
    next.load += 1;
    picked.push(turn.key);
  }
  return picked;
}

function findNext<T extends { load: number; queue: Contender[] }>(shares: T[]): T | undefined {
  return shares
    .filter(({ queue }) => queue.length > 0)
    .toSorted((a, b) => a.load - b.load || compareHeads(a.queue, b.queue))[0];
}

function compareHeads(a: Contender[], b: Contender[]): number {
  const [first, second] = [a[0], b[0]];
  return first && second ? first.lastTurn - second.lastTurn || byAge(first, second) : 0;
}

/** By code units: both are plain ASCII, and the rules of a language take many times as long. */
function byAge(a: Contender, b: Contender): number {
  return compare(a.createdAt, b.createdAt) || compare(a.key, b.key);
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
