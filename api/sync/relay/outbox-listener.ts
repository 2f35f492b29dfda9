import pg from 'pg';
import { toError } from '../../../lib/errors.ts';
import type { Logger } from '../../../lib/logger.ts';
import { OUTBOX_CHANNEL } from '../../db/outbox.ts';
import { WakeSignal } from '../wake-signal.ts';

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 30_000;

/** What the listener works with. */
export interface OutboxListenerOptions {
  /** Connection URL of the system role; a direct one, pooled connections cannot LISTEN. */
  url: string;
  onNotification: () => void;
  log: Logger;
}

/**
 * Hears that something was put into the outbox. It only saves the wait for the next poll, so a
 * connection that breaks is made again without hurry.
 */
export class OutboxListener {
  readonly #options: OutboxListenerOptions;
  readonly #signal = new WakeSignal();
  #client: pg.Client | undefined;
  #loop: Promise<void> | undefined;
  #stopping = false;

  constructor(options: OutboxListenerOptions) {
    this.#options = options;
  }

  /** Starts listening; returns at once. */
  start(): void {
    this.#loop ??= this.#run();
  }

  /** Ends the connection. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.#signal.wake();
    await this.#client?.end();
    await this.#loop;
  }

  async #run(): Promise<void> {
    let pause = FIRST_PAUSE_MS;
    while (!this.#stopping) {
      try {
        await this.#listen();
        pause = FIRST_PAUSE_MS;
      } catch (error) {
        this.#options.log.warn('LISTEN was interrupted; polling goes on', {
          error: toError(error),
        });
        pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      }
      if (!this.#isStopping()) await this.#signal.sleep(pause);
    }
  }

  /** Resolves when the connection ends, rejects when it could not be made or broke. */
  async #listen(): Promise<void> {
    const client = new pg.Client({
      connectionString: this.#options.url,
      application_name: 'quartermaster-relay-listen',
      connectionTimeoutMillis: 5_000,
      keepAlive: true,
    });
    this.#client = client;
    const ended = new Promise<void>((resolve, reject) => {
      client.once('end', resolve);
      client.on('error', reject);
    });
    // Without a handler of its own, a rejection before the await below would be unhandled.
    ended.catch(() => undefined);
    client.on('notification', this.#options.onNotification);
    try {
      await client.connect();
      await client.query(`listen ${OUTBOX_CHANNEL}`);
      this.#options.onNotification();
      await ended;
    } finally {
      await client.end().catch(() => undefined);
    }
  }

  #isStopping(): boolean {
    return this.#stopping;
  }
}
