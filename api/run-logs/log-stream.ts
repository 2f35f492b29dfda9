import { Readable } from 'node:stream';
import { readRunLog, type RunLogContent } from '../../crds/run-log.ts';
import { formatComment, formatEnd, formatLine, RETRY_LINE } from './server-sent-events.ts';
import type { RunLogFeed } from './run-log-feed.ts';

/** Proxies close what is silent for longer; most wait for a minute. */
const HEARTBEAT_MS = 15_000;
/** As long as an access token: who goes on reading shows a new one. */
const LIFETIME_MS = 15 * 60_000;

/** What to stream, and how. */
export interface LogStreamOptions {
  feed: Pick<RunLogFeed, 'follow'>;
  run: string;
  /** Number of the last line that the reader has; 0 for none. */
  after: number;
  /** Ends all streams, when the process is to end. */
  stopping: AbortSignal;
  heartbeatMs?: number;
  lifetimeMs?: number;
}

/**
 * The log of a run as server-sent events, from its first line (or the one after `after`) to the
 * end of the run. Whatever ends it, the reader going away included, gives back all it holds.
 */
export class LogStream extends Readable {
  #stopFollowing = (): void => undefined;
  readonly #heartbeat: NodeJS.Timeout;
  readonly #lifetime: NodeJS.Timeout;
  readonly #stopping: AbortSignal;
  readonly #finish = (): void => this.#end();
  #last: number;
  #isOver = false;

  constructor(options: LogStreamOptions) {
    super();
    this.#last = options.after;
    this.#stopping = options.stopping;
    this.push(RETRY_LINE);
    this.#heartbeat = setInterval(
      () => this.#send(formatComment()),
      options.heartbeatMs ?? HEARTBEAT_MS,
    );
    this.#lifetime = setTimeout(this.#finish, options.lifetimeMs ?? LIFETIME_MS);
    this.#stopping.addEventListener('abort', this.#finish, { once: true });
    this.#stopFollowing = options.feed.follow(options.run, {
      onContent: (content) => this.#advance(content),
      onGone: () => this.#endRun(),
    });
    // The log may have been complete, or the process ending, from the beginning.
    if (this.#isOver) this.#release();
    if (this.#stopping.aborted) this.#end();
  }

  override _read(): void {
    // Lines are pushed as they come; all of a log is of a bounded size.
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#isOver = true;
    this.#release();
    done(error);
  }

  #advance(content: RunLogContent | undefined): void {
    if (this.#isOver) return;
    const view = readRunLog(content, this.#last);
    for (const { number, text } of view.lines) {
      this.#send(formatLine(number, text));
      this.#last = number;
    }
    if (view.isComplete) this.#endRun();
  }

  #endRun(): void {
    this.#send(formatEnd(this.#last));
    this.#end();
  }

  #send(text: string): void {
    if (!this.#isOver) this.push(text);
  }

  #end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.push(null);
    this.#release();
  }

  #release(): void {
    clearInterval(this.#heartbeat);
    clearTimeout(this.#lifetime);
    this.#stopping.removeEventListener('abort', this.#finish);
    this.#stopFollowing();
  }
}
