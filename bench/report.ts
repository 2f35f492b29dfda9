import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism, cpus, totalmem } from 'node:os';
import { z } from 'zod';
import { checkoutDirectory } from '../dev/paths.ts';
import type { LoadResult } from './run-load.ts';

/** What was measured. */
export interface Results {
  readonly list: LoadResult;
  readonly show: LoadResult;
  readonly create: LoadResult;
  /** The list while {@link Results.logins} ran. */
  readonly busyList: LoadResult;
  readonly logins: LoadResult;
  readonly planMs: number;
}

/** What it was measured with. */
export interface Setting {
  readonly processes: number;
  readonly seconds: number;
  readonly settings: readonly string[];
  /** Load average just before; on a machine that does nothing else it is below 1. */
  readonly loadBefore: number;
}

interface Line {
  what: string;
  measured: number;
  unit: string;
  /** Rates must reach it, times must not pass it. */
  goal: number;
}

/**
 * Writes the figures as measured, those that miss their goal named as such.
 *
 * @returns the text
 */
export function writeReport(file: string, results: Results, setting: Setting): string {
  const text = [
    '# Performance of the API',
    '',
    'Written by `npm run bench`; figures as measured, by the machine described below.',
    '',
    '| what | measured | goal | |',
    '| --- | --- | --- | --- |',
    ...linesOf(results).map(formatLine),
    '',
    ...describeSetting(results, setting),
    '',
  ].join('\n');
  writeFileSync(file, text);
  return text;
}

function linesOf(results: Results): Line[] {
  const { list, show, create, busyList, planMs } = results;
  const rate = (what: string, result: LoadResult, goal: number): Line => ({
    ...{ what, goal, unit: '/s' },
    measured: (result.requests - result.failed) / result.seconds,
  });
  const time = (what: string, measured: number, goal: number): Line => ({
    ...{ what, goal, measured, unit: ' ms' },
  });
  return [
    rate('list of 50 requests', list, 1200),
    time('list of 50 requests, p99', list.p99, 75),
    rate('one request by id', show, 2000),
    rate('create a request', create, 1200),
    time('list of 50 requests, p99, while 50 logins are always in flight', busyList.p99, 300),
    time('a page among all rows under row level security, by the plan', planMs, 1),
  ];
}

function formatLine({ what, measured, unit, goal }: Line): string {
  const isRate = unit === '/s';
  const isReached = isRate ? measured >= goal : measured <= goal;
  const shown = measured < 10 ? measured.toFixed(2) : measured.toFixed(0);
  const bound = `${isRate ? '≥' : '≤'} ${goal}${unit}`;
  return `| ${what} | ${shown}${unit} | ${bound} | ${isReached ? 'reached' : '**missed**'} |`;
}

function describeSetting(results: Results, setting: Setting): string[] {
  const { list, show, create, busyList, logins } = results;
  const failures = [list, show, create, busyList, logins].map(({ failed }) => failed);
  const memory = Math.round(totalmem() / 1024 ** 3);
  return [
    `- Machine: ${availableParallelism()} cores (${cpus()[0]?.model.trim() ?? 'unknown'}), ${memory} GiB of memory, shared by load generator, api and PostgreSQL.`,
    `- Load average of the machine just before: ${setting.loadBefore.toFixed(1)}; other work on it makes every figure worse.`,
    `- Load: wrk with 32 connections for ${setting.seconds} s each, 200 callers of as many organisations.`,
    `- Database: PostgreSQL with 200,000 requests of 1,000 organisations, durable commits, ${setting.settings.join(', ')}.`,
    `- Api: version ${productVersion()} from source, Node ${process.versions.node}, ${setting.processes} processes, ten connections of each pool in each; every call with an RS256 token, the check whether it was ended early, validation, row level security and its line in the log.`,
    `- Median times: list ${list.p50.toFixed(1)} ms, one by id ${show.p50.toFixed(1)} ms, create ${create.p50.toFixed(1)} ms; during the logins list ${busyList.p50.toFixed(1)} ms and ${(logins.requests / logins.seconds).toFixed(0)} logins a second.`,
    `- Calls that failed: ${failures.reduce((sum, failed) => sum + failed, 0)}.`,
    '- Not measured here: the time from approval to custom resource, which needs a cluster.',
  ];
}

function productVersion(): string {
  const text = readFileSync(`${checkoutDirectory}/package.json`, 'utf8');
  return z.object({ version: z.string() }).parse(JSON.parse(text)).version;
}
