import type { Clock } from '../../lib/clock.ts';
import { toError } from '../../lib/errors.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Database } from '../db/database.ts';
import { ApiKey } from '../models/api-key.ts';

/** How exactly the last use of a key is known; a write for each call would cost too much. */
const INTERVAL_MS = 60_000;
/** How many keys are remembered before old entries are dropped. */
const REMEMBERED = 10_000;

/** Writes down when keys were last used, each at most once a minute. */
export class KeyUsage {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #written = new Map<string, number>();

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /**
   * Writes that a key was used now, in a transaction of its own: that of the call may be rolled
   * back. Never rejects, for the call is served in any case.
   */
  async record(keyId: string, log: Logger): Promise<void> {
    const now = this.#clock.now();
    const last = this.#written.get(keyId);
    if (last !== undefined && now.getTime() - last < INTERVAL_MS) return;
    this.#remember(keyId, now.getTime());
    try {
      await this.#database.withSystem('use of an API key', (trx) =>
        ApiKey.query(trx).findById(keyId).patch({ last_used_at: now }),
      );
    } catch (error) {
      log.warn('the use of an API key could not be written', { error: toError(error) });
    }
  }

  #remember(keyId: string, now: number): void {
    if (this.#written.size >= REMEMBERED) {
      for (const [key, at] of this.#written) {
        if (now - at >= INTERVAL_MS) this.#written.delete(key);
      }
    }
    this.#written.set(keyId, now);
  }
}
