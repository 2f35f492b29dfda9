import type { Readable } from 'node:stream';
import { readRunLog, type RunLogContent } from '../../crds/run-log.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { KubernetesApiError } from '../../lib/kube/errors.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Logger } from '../../lib/logger.ts';
import { TooManyStreamsError, UnavailableError } from '../errors.ts';
import { LogStream } from './log-stream.ts';
import { RunLogFeed } from './run-log-feed.ts';

/** Most readers that one replica serves at once; each holds a connection. */
const STREAM_LIMIT = 100;

/** The logs of runs, as routes need them. */
export interface RunLogs {
  /** The whole log as text; undefined where there is none. @throws {UnavailableError} */
  readText(run: string): Promise<string | undefined>;
  /** The log as server-sent events. @throws {TooManyStreamsError} {UnavailableError} */
  openStream(run: string, after: number): Readable;
}

/** Settings of {@link createRunLogs}. */
export interface RunLogsOptions {
  client: KubeClient;
  namespace: string;
  clock: Clock;
  log: Logger;
  /** Ends all streams. */
  stopping: AbortSignal;
  streamLimit?: number;
}

/** The logs of runs over a connection to Kubernetes. */
export function createRunLogs(options: RunLogsOptions): RunLogs {
  const feed = new RunLogFeed(options);
  const { stopping, streamLimit = STREAM_LIMIT } = options;
  let open = 0;
  return {
    readText: async (run) => textOf(await readLog(feed, run)),
    openStream: (run, after) => {
      if (open >= streamLimit) throw new TooManyStreamsError();
      const stream = new LogStream({ feed, run, after, stopping });
      open += 1;
      stream.once('close', () => {
        open -= 1;
      });
      return stream;
    },
  };
}

/** The logs of an api that runs without Kubernetes. */
export const noRunLogs: RunLogs = { readText: refuse, openStream: refuse };

function refuse(): never {
  throw new UnavailableError('This installation runs without Kubernetes, so it has no runs.');
}

async function readLog(feed: RunLogFeed, run: string): Promise<RunLogContent | undefined> {
  try {
    return await feed.read(run);
  } catch (error) {
    if (!(error instanceof KubernetesApiError)) throw error;
    throw new UnavailableError('The log cannot be read: Kubernetes does not answer.', {
      cause: error,
    });
  }
}

function textOf(content: RunLogContent | undefined): string | undefined {
  if (!content) return undefined;
  return readRunLog(content)
    .lines.map(({ text }) => `${text}\n`)
    .join('');
}
