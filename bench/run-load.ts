import path from 'node:path';
import { execa } from 'execa';
import { z } from 'zod';

/** What a load is aimed at. */
export interface Target {
  readonly url: string;
  /** The callers, as the scripts of wrk read them. */
  readonly callersFile: string;
}

/** One load. */
export interface Load {
  /** Name of a script in load/, without `.lua`. */
  readonly script: string;
  readonly connections: number;
  readonly seconds: number;
}

const resultSchema = z.object({
  requests: z.number(),
  seconds: z.number(),
  /** Connections that broke, and answers of 400 and more. */
  failed: z.number(),
  /** Milliseconds. */
  p50: z.number(),
  p99: z.number(),
  max: z.number(),
});

/** What wrk measured. */
export type LoadResult = z.output<typeof resultSchema>;

/**
 * Runs wrk with one of our scripts, in one thread: the machine has few cores.
 *
 * @throws when wrk fails, or its last line is not the report of load/common.lua
 */
export async function runLoad(target: Target, load: Load): Promise<LoadResult> {
  const options = ['-t1', `-c${load.connections}`, `-d${load.seconds}s`, '--timeout', '10s'];
  const { stdout } = await execa(
    'wrk',
    [...options, '-s', `${load.script}.lua`, target.url, '--', target.callersFile],
    { cwd: path.join(import.meta.dirname, 'load') },
  );
  return resultSchema.parse(JSON.parse(stdout.trim().split('\n').at(-1) ?? ''));
}
