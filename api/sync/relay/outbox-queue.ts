import type { Database } from '../../db/database.ts';
import type { OutboxKind } from '../../db/outbox.ts';

/** A row of the outbox that this process holds for now. */
export interface OutboxTask {
  id: string;
  organizationId: string;
  kind: OutboxKind;
  key: string;
  payload: Record<string, unknown>;
  /** How often it was claimed, this time included. */
  attempts: number;
}

interface ClaimedRow {
  id: string;
  organization_id: string;
  kind: OutboxKind;
  key: string;
  payload: Record<string, unknown>;
  attempts: number;
}

/** Longest `last_error` that is kept. */
const ERROR_LIMIT = 2000;

/**
 * The outbox as a queue. A claim is a lease in a column and no open transaction, so a relay that
 * dies holds nothing up for longer than the lease, and work runs outside the database.
 */
export class OutboxQueue {
  readonly #database: Database;
  readonly #owner: string;
  readonly #leaseSeconds: number;

  /**
   * @param database the doors; rows of all organisations are worked on
   * @param options who claims (for people who look into the table), and for how long
   */
  constructor(database: Database, options: { owner: string; leaseSeconds: number }) {
    this.#database = database;
    this.#owner = options.owner;
    this.#leaseSeconds = options.leaseSeconds;
  }

  /** Claims rows that are due: of each key only the first, and none whose key is being worked on. */
  async claim(limit: number): Promise<OutboxTask[]> {
    const rows = await this.#database.withSystem('relay: claim', async (trx) => {
      const result = await trx.raw<{ rows: ClaimedRow[] }>(CLAIM, [
        limit,
        this.#leaseSeconds,
        this.#owner,
      ]);
      return result.rows;
    });
    return rows.map(({ organization_id: organizationId, ...row }) => ({ ...row, organizationId }));
  }

  /** The work is done. */
  async complete(id: string): Promise<void> {
    await this.#database.withSystem('relay: complete', async (trx) => {
      await trx('outbox').where({ id }).update({ done_at: trx.fn.now(), last_error: null });
    });
  }

  /** The work is tried again later. @param error null where nothing went wrong */
  async retry(id: string, delayMs: number, error: string | null): Promise<void> {
    await this.#database.withSystem('relay: retry', async (trx) => {
      await trx('outbox')
        .where({ id })
        .update({
          claimed_until: null,
          available_at: trx.raw("now() + ? * interval '1 millisecond'", [Math.round(delayMs)]),
          last_error: error?.slice(0, ERROR_LIMIT) ?? null,
        });
    });
  }

  /** The work can never succeed: kept for people to look at. */
  async bury(id: string, error: string): Promise<void> {
    await this.#database.withSystem('relay: bury', async (trx) => {
      await trx('outbox')
        .where({ id })
        .update({ dead: true, last_error: error.slice(0, ERROR_LIMIT) });
    });
  }

  /** Removes rows that were done a while ago: a small table is a fast one. */
  async prune(): Promise<number> {
    return this.#database.withSystem('relay: prune', (trx) =>
      trx('outbox').whereRaw("done_at < now() - interval '1 hour'").delete(),
    );
  }
}

/**
 * By state, never "newer than the last one": ids are no order of commits. `skip locked` lets
 * several relays claim at once.
 */
const CLAIM = `
  with due as materialized (
    select id from outbox as candidate
    where done_at is null and not dead and available_at <= now()
      and (claimed_until is null or claimed_until < now())
      and not exists (
        select from outbox as other
        where other.kind = candidate.kind and other.key = candidate.key
          and other.done_at is null and not other.dead
          and (other.claimed_until >= now()
            or (other.id < candidate.id and other.available_at <= now()))
      )
    order by available_at, id
    limit ?
    for update skip locked
  )
  update outbox
  set claimed_until = now() + ? * interval '1 second', claimed_by = ?, attempts = attempts + 1
  from due where outbox.id = due.id
  returning outbox.id, organization_id, kind, key, payload, attempts
`;
