import { setTimeout as sleep } from 'node:timers/promises';
import { toError } from '../../../lib/errors.ts';
import type { FaultWorld } from './fault-world.ts';
import { PHASES, type Phase } from './life.ts';
import { sample } from './random.ts';
import type { KillPoint } from './write-counter.ts';

/** Writes that come after everything seems done, such as Events, belong to their phase too. */
const QUIET_MS = 500;

/** A life was interrupted once. */
export interface CrashResult {
  phase: Phase;
  point: KillPoint;
  /** False when the phase was over before that write came. */
  isReached: boolean;
  /** From the kill until everything stood as it should. */
  seconds: number;
  /** What did not become true in time. */
  fault: string | undefined;
}

/** What a {@link crashSurvey} found. */
export interface CrashSurvey {
  /** Writes of each phase when nothing goes wrong. */
  writes: Record<Phase, string[]>;
  results: CrashResult[];
  /** Ends of the operator that nobody asked for. */
  accidents: string[];
}

/** How far a survey goes. */
export interface SurveyOptions {
  /** Kills for each phase; all points where left out. */
  killsPerPhase?: number;
  /** So many kills that came in time are enough for a phase; all that are planned where left out. */
  enough?: number;
  random: () => number;
  /** Hears of every kill when it is known what came of it. */
  onResult?: (result: CrashResult) => void;
}

/**
 * Lets a request live once to count the writes of each phase, and then as often as there are points,
 * with one kill in each phase of each life.
 */
export async function crashSurvey(
  world: FaultWorld,
  { killsPerPhase = Infinity, enough = Infinity, random, onResult }: SurveyOptions,
): Promise<CrashSurvey> {
  const writes = await countWrites(world);
  const plan = planKills(writes, killsPerPhase, random);
  const results: CrashResult[] = [];
  const countReached = (phase: Phase): number =>
    results.filter((result) => result.phase === phase && result.isReached).length;
  for (const [life, planned] of plan.entries()) {
    const kills = planned.filter(([phase]) => countReached(phase) < enough);
    if (kills.length === 0) continue;
    for await (const result of liveWithKills(world, `life-${life}`, kills)) {
      onResult?.(result);
      results.push(result);
    }
  }
  return { writes, results, accidents: world.operator.accidents };
}

/** A kill of one phase. */
type PlannedKill = readonly [Phase, KillPoint];

async function countWrites(world: FaultWorld): Promise<Record<Phase, string[]>> {
  const counted: [Phase, string[]][] = [];
  const life = world.life('counted');
  for (const phase of PHASES) {
    await world.operator.arm();
    await life.live(phase).catch((error: unknown) => {
      throw new Error(describe(error, world));
    });
    await awaitQuiet(world);
    counted.push([phase, world.operator.writes]);
  }
  return Object.fromEntries(counted) as Record<Phase, string[]>;
}

/** The kills of each life: at most one in each phase. */
function planKills(
  writes: Record<Phase, string[]>,
  killsPerPhase: number,
  random: () => number,
): PlannedKill[][] {
  const lists = PHASES.map((phase) => {
    const points = writes[phase].flatMap((_, index): KillPoint[] => [
      { at: index + 1, when: 'before' },
      { at: index + 1, when: 'after' },
    ]);
    return sample(points, killsPerPhase, random).map((point): PlannedKill => [phase, point]);
  });
  const lives = Math.max(...lists.map(({ length }) => length));
  return Array.from({ length: lives }, (_, life) =>
    lists.flatMap((list) => (list[life] === undefined ? [] : [list[life]])),
  );
}

async function* liveWithKills(
  world: FaultWorld,
  name: string,
  kills: readonly PlannedKill[],
): AsyncGenerator<CrashResult, void, undefined> {
  const life = world.life(name);
  for (const phase of PHASES) {
    const point = kills.find(([killed]) => killed === phase)?.[1];
    await world.operator.arm(point);
    const fault = await life.live(phase).then(
      () => undefined,
      (error: unknown) => describe(error, world),
    );
    const endedAt = performance.now();
    if (point !== undefined && world.operator.killedAt === undefined) await awaitQuiet(world);
    const { killedAt } = world.operator;
    if (point !== undefined) {
      const isReached = killedAt !== undefined;
      const seconds = isReached ? Math.max(0, endedAt - killedAt) / 1000 : 0;
      yield { phase, point, isReached, seconds, fault };
    }
    // What follows in this life says nothing any more.
    if (fault !== undefined) return;
  }
}

async function awaitQuiet({ operator }: FaultWorld): Promise<void> {
  for (let seen = -1; seen !== operator.writes.length;) {
    seen = operator.writes.length;
    await sleep(QUIET_MS);
  }
}

function describe(error: unknown, world: FaultWorld): string {
  return `${toError(error).message}\n${world.describe()}`;
}
