import { describeMachine, type Figure, type Section } from './document.ts';
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

/** The figures of the api. */
export function describeApi(results: Results, setting: Setting): Section {
  return {
    title: 'Api',
    figures: figuresOf(results),
    notes: [...describeMachine(setting.loadBefore), ...describeSetting(results, setting)],
  };
}

function figuresOf(results: Results): Figure[] {
  const { list, show, create, busyList, planMs } = results;
  const rate = (what: string, result: LoadResult, goal: number): Figure => ({
    ...{ what, goal, unit: '/s' },
    measured: (result.requests - result.failed) / result.seconds,
  });
  const time = (what: string, measured: number, goal: number): Figure => ({
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

function describeSetting(results: Results, setting: Setting): string[] {
  const { list, show, create, busyList, logins } = results;
  const failures = [list, show, create, busyList, logins].map(({ failed }) => failed);
  return [
    `Load: wrk with 32 connections for ${setting.seconds} s each, 200 callers of as many organisations.`,
    `Database: PostgreSQL with 200,000 requests of 1,000 organisations, durable commits, ${setting.settings.join(', ')}.`,
    `Api from source, ${setting.processes} processes, ten connections of each pool in each; every call with an RS256 token, the check whether it was ended early, validation, row level security and its line in the log.`,
    `Median times: list ${list.p50.toFixed(1)} ms, one by id ${show.p50.toFixed(1)} ms, create ${create.p50.toFixed(1)} ms; during the logins list ${busyList.p50.toFixed(1)} ms and ${(logins.requests / logins.seconds).toFixed(0)} logins a second.`,
    `Calls that failed: ${failures.reduce((sum, failed) => sum + failed, 0)}.`,
  ];
}
