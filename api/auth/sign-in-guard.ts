import { createHash } from 'node:crypto';
import type { Clock } from '../../lib/clock.ts';
import type { Database } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import { RateLimitedError, UnavailableError } from '../errors.ts';
import { blockMs, FORGET_AFTER_MS, type GuardedSubject } from './sign-in-backoff.ts';
import { Semaphore } from './semaphore.ts';

/** Attempts on one account that wait for each other in one process. */
const MOST_WAITING = 32;

/** Who tries to sign in as whom. */
export interface SignInAttempt {
  email: string;
  /** Network address of the caller. */
  address: string;
}

/**
 * Makes guessing passwords slow: after some failures an account, and after more of them an address,
 * has to wait, each time twice as long. The counts are in the database, so all replicas share them,
 * and accounts that do not exist are counted like all others.
 */
export class SignInGuard {
  readonly #database: Database;
  readonly #clock: Clock;
  readonly #turns = new Map<string, { semaphore: Semaphore; users: number }>();

  constructor(database: Database, clock: Clock) {
    this.#database = database;
    this.#clock = clock;
  }

  /**
   * Runs an attempt, one after the other for each account, so that many at once are judged like
   * many in a row.
   *
   * @param check says whether the password is right
   * @throws {RateLimitedError} while account or address have to wait
   * @throws {UnavailableError} when too many wait for the same account
   */
  async attempt(attempt: SignInAttempt, check: () => Promise<boolean>): Promise<boolean> {
    const subjects = subjectsOf(attempt);
    return this.#inTurn(subjects[0].subject, async () => {
      await this.#requireOpen(subjects);
      const isRight = await check();
      if (isRight) await this.clear(attempt.email);
      else await this.#recordFailure(subjects);
      return isRight;
    });
  }

  /** Forgets the failures of an account: who it belongs to has shown up. */
  async clear(email: string): Promise<void> {
    await this.#database.withSystem('a sign-in worked', (trx) =>
      trx('sign_in_failures')
        .where({ subject: accountOf(email) })
        .delete(),
    );
  }

  async #inTurn<T>(key: string, work: () => Promise<T>): Promise<T> {
    const turn = this.#turns.get(key) ?? { semaphore: new Semaphore(1, MOST_WAITING), users: 0 };
    this.#turns.set(key, turn);
    turn.users += 1;
    try {
      const release = await turn.semaphore.acquire();
      if (!release) throw new UnavailableError('Too many sign-ins at once; try again soon.');
      return await work().finally(release);
    } finally {
      turn.users -= 1;
      if (turn.users === 0) this.#turns.delete(key);
    }
  }

  async #requireOpen(subjects: readonly GuardedSubject[]): Promise<void> {
    const now = this.#clock.now();
    const rows = await this.#database.withSystem('may they try to sign in', (trx) =>
      trx('sign_in_failures')
        .whereIn(
          'subject',
          subjects.map(({ subject }) => subject),
        )
        .where('blocked_until', '>', now)
        .select<{ blocked_until: Date }[]>('blocked_until'),
    );
    if (rows.length === 0) return;
    const until = Math.max(...rows.map((row) => row.blocked_until.getTime()));
    const message = 'Too many sign-ins failed; wait before you try again.';
    throw new RateLimitedError(message, until - now.getTime());
  }

  async #recordFailure(subjects: readonly GuardedSubject[]): Promise<void> {
    const now = this.#clock.now();
    await this.#database.withSystem('a sign-in failed', async (trx) => {
      // Address before account in every transaction, by the alphabet: no two can wait for each other.
      const ordered = [...subjects].sort((a, b) => (a.subject < b.subject ? -1 : 1));
      for (const subject of ordered) await countFailure(trx, subject, now);
    });
  }
}

/** Removes counts that no longer matter. @returns how many */
export async function sweepSignInFailures(database: Database, now: Date): Promise<number> {
  return database.withSystem('sweep failed sign-ins', (trx) =>
    trx('sign_in_failures')
      .where('last_at', '<', new Date(now.getTime() - FORGET_AFTER_MS))
      .delete(),
  );
}

async function countFailure(trx: Transaction, subject: GuardedSubject, now: Date): Promise<void> {
  const forgotten = new Date(now.getTime() - FORGET_AFTER_MS);
  const [row] = await trx('sign_in_failures')
    .insert({ subject: subject.subject, failures: 1, last_at: now, blocked_until: now })
    .onConflict('subject')
    .merge({
      failures: trx.raw(
        'case when sign_in_failures.last_at < ? then 1 else sign_in_failures.failures + 1 end',
        [forgotten],
      ),
      last_at: now,
    })
    .returning<{ failures: number }[]>('failures');
  const waitMs = blockMs(row?.failures ?? 1, subject);
  if (waitMs === 0) return;
  await trx('sign_in_failures')
    .where({ subject: subject.subject })
    .update({ blocked_until: new Date(now.getTime() + waitMs) });
}

function subjectsOf({ email, address }: SignInAttempt): [GuardedSubject, GuardedSubject] {
  return [
    { kind: 'account', subject: accountOf(email) },
    { kind: 'network', subject: `address:${digest(address)}` },
  ];
}

function accountOf(email: string): string {
  return `account:${digest(email)}`;
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex');
}
