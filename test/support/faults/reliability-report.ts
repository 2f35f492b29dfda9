import { writeFileSync } from 'node:fs';
import { availableParallelism, loadavg, totalmem } from 'node:os';
import path from 'node:path';
import { chooseSeed } from './random.ts';

const file = path.resolve(import.meta.dirname, '../../../docs/reliability.md');

/**
 * How this run goes: in full (`FAULTS=full`) or only some of the points, others each time; with at
 * most `FAULTS_KILLS` kills per phase; with which seed.
 */
export const faultSettings = {
  isFull: process.env['FAULTS'] === 'full',
  killsPerPhase: Number(process.env['FAULTS_KILLS'] ?? Infinity),
  seed: chooseSeed(process.env['FAULTS_SEED']),
};

/** A line of the table. */
export interface ScenarioResult {
  scenario: string;
  /** How often it was played. */
  points: number;
  /** The longest time until everything stood as it should. */
  seconds: number;
  /** How often something did not become true in time. */
  faults: number;
}

const results: ScenarioResult[] = [];

before('say which seed this run has', () => {
  process.stdout.write(`  FAULTS_SEED=${faultSettings.seed}\n`);
});

// At the root of mocha's tree: when everything has run.
after('write the table', () => {
  if (!faultSettings.isFull || results.length === 0) return;
  writeFileSync(file, renderReport(results));
});

/** Adds a line to the table that a full run writes. */
export function recordScenario(result: ScenarioResult): void {
  results.push(result);
}

/** The page as it stands in docs. */
export function renderReport(lines: readonly ScenarioResult[]): string {
  const rows = lines.map(({ scenario, points, seconds, faults }) => {
    const verdict = faults === 0 ? 'held' : `${faults} did not`;
    return `| ${scenario} | ${points} | ${seconds.toFixed(1)} | ${verdict} |`;
  });
  return `${INTRODUCTION}
| scenario | points | slowest, s | result |
| --- | ---: | ---: | --- |
${rows.join('\n')}

Measured with seed ${faultSettings.seed} on a machine with ${availableParallelism()} cores and ${Math.round(totalmem() / 2 ** 30)} GiB, whose load was ${loadavg()[2]?.toFixed(1)} in the last 15 minutes. ${describeExtent()} This page is written by \`npm run test:faults\`.
`;
}

function describeExtent(): string {
  const { killsPerPhase } = faultSettings;
  return Number.isFinite(killsPerPhase)
    ? `At most ${killsPerPhase} of the points at which the operator can be killed were played for each action, chosen by the seed.`
    : 'All points at which the operator can be killed were played.';
}

const INTRODUCTION = `# Reliability

What is played against the operator, and what came of it. The API server and its store are real, the operator is a
process as it is in production, and so is the runner where the table says so; Job controller and kubelet are played.

Each point is one interruption. It holds if, within 60 seconds and without a human, exactly one external resource
exists for each request (none after its deletion), none was ever made twice, and no Job, Secret, Lease, ConfigMap or
run of a deleted request is left. The writes of the operator are counted in its HTTP client, not listed by hand: it is
killed before each one is sent, and after each was answered.
`;
