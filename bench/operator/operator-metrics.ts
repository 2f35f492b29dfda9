import { readFileSync } from 'node:fs';
import { waitFor } from '../../dev/processes/wait-for.ts';
import type { BenchOperator } from './bench-cluster.ts';

/** What the operator says about its controller of requests. */
export interface RequestVisits {
  /** Visits that ended, so far. */
  visits: number;
  /** Keys that could be visited now, or are being visited. */
  waiting: number;
}

/** Reads the metrics as Prometheus does. */
export async function readVisits({ metricsUrl }: BenchOperator): Promise<RequestVisits> {
  const text = await (await fetch(metricsUrl)).text();
  return {
    visits: sum(text, /^quartermaster_reconciles_total\{controller="requests",.*\} (\d+)$/gm),
    waiting: sum(
      text,
      /^quartermaster_queue_depth\{controller="requests",state="(?:queued|active)"\} (\d+)$/gm,
    ),
  };
}

/** Waits until so many visits have ended and nothing waits. */
export async function awaitVisits(operator: BenchOperator, visits: number): Promise<void> {
  const isDone = async (): Promise<boolean> => {
    const now = await readVisits(operator);
    return now.visits >= visits && now.waiting === 0;
  };
  await waitFor(isDone, {
    what: `${visits} visits`,
    process: operator.process,
    intervalMs: 200,
    timeoutMs: 300_000,
  });
}

/** Memory of the operator in MB: as it is, and the most that it ever was. */
export function readMemory({ process }: BenchOperator): { now: number; peak: number } {
  const text = readFileSync(`/proc/${process.identity.pid}/status`, 'utf8');
  const read = (field: string): number =>
    Number(new RegExp(`^${field}:\\s+(\\d+) kB$`, 'm').exec(text)?.[1]) / 1_000;
  return { now: read('VmRSS'), peak: read('VmHWM') };
}

function sum(text: string, pattern: RegExp): number {
  return [...text.matchAll(pattern)].reduce((total, [, count]) => total + Number(count), 0);
}
