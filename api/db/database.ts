import type { Knex } from 'knex';
import type { Logger } from '../../lib/logger.ts';
import type { Session, User, UserActor } from '../auth/actor.ts';
import { UnauthenticatedError } from '../errors.ts';
import { isRole } from '../policies/roles.ts';
import { connect } from './connect.ts';
import type { Transaction } from './transaction.ts';

/** Settings of {@link Database}. */
export interface DatabaseOptions {
  /** Connection URL of the app role: policies apply. */
  appUrl: string;
  /** Connection URL of the system role. */
  systemUrl: string;
  /** Most connections of each pool. */
  maxConnections: number;
  log: Logger;
}

interface SessionRow {
  /** These four only where a key was presented. */
  user_id?: string;
  key_id?: string;
  key_name?: string;
  organization_id?: string;
  email: string;
  is_admin: boolean;
  role: string | null;
  allow_self_approval: boolean | null;
}

/**
 * The two doors to the database. Nothing else opens a transaction, and every query takes one, so
 * no query can run without saying whom it is for.
 */
export class Database {
  readonly #app: Knex;
  readonly #system: Knex;
  readonly #log: Logger;

  constructor(options: DatabaseOptions) {
    const { maxConnections: max, log } = options;
    this.#app = connect({ url: options.appUrl, name: 'quartermaster-api', max, log });
    this.#system = connect({ url: options.systemUrl, name: 'quartermaster-system', max, log });
    this.#log = log;
  }

  /**
   * Runs work for a person: row level security shows them their organisation's rows and their own.
   * Commits when the work resolves, rolls back when it rejects.
   *
   * @param session what the caller's token says, or the key that they presented
   * @param work gets the transaction and who the caller is by the database's word
   * @throws {UnauthenticatedError} when the token is out of date, or the key does not hold
   */
  async withTenant<T>(
    session: Session,
    work: (trx: Transaction, actor: UserActor) => PromiseLike<T>,
  ): Promise<T> {
    return this.#app.transaction(async (trx) => {
      const row = await beginSession(trx, session);
      return work(trx, toActor(session, row));
    });
  }

  /**
   * Runs work of the platform itself, across organisations. Not for reads that a person asked for,
   * unless nobody's rows can be shown by it (sign-in, for one).
   *
   * @param reason why, for the log
   * @param work gets the transaction
   */
  async withSystem<T>(reason: string, work: (trx: Transaction) => PromiseLike<T>): Promise<T> {
    this.#log.debug('system transaction', { reason });
    return this.#system.transaction(async (trx) => work(trx));
  }

  /**
   * The newest migration that the database has, or undefined where none has run.
   *
   * @throws when the database cannot be reached
   */
  async schemaVersion(): Promise<string | undefined> {
    const rows = await this.#app<{ name: string }>('schema_migrations')
      .select('name')
      .orderBy('id', 'desc')
      .limit(1);
    return rows[0]?.name;
  }

  /** Closes both pools; waits for the queries in progress. */
  async close(): Promise<void> {
    await Promise.all([this.#app.destroy(), this.#system.destroy()]);
  }
}

async function beginSession(trx: Transaction, session: Session): Promise<SessionRow> {
  const { organizationId } = session;
  const { rows } = await ('keyHash' in session
    ? trx.raw<{ rows: SessionRow[] }>('select * from begin_key_session(?, ?::uuid)', [
        ...[session.keyHash, organizationId],
      ])
    : trx.raw<{ rows: SessionRow[] }>('select * from begin_session(?::uuid, ?::uuid, ?::integer)', [
        ...[session.userId, organizationId, session.tokenVersion],
      ]));
  if (rows[0]) return rows[0];
  throw 'keyHash' in session
    ? new UnauthenticatedError('INVALID_API_KEY', 'The API key does not hold.')
    : new UnauthenticatedError('TOKEN_REVOKED', 'The token no longer holds; sign in again.');
}

function toActor(session: Session, row: SessionRow): UserActor {
  const user = toUser(session, row);
  const organizationId = session.organizationId ?? row.organization_id;
  if (organizationId === undefined || !isRole(row.role)) return { user, membership: null };
  return {
    user,
    membership: {
      organizationId,
      role: row.role,
      allowSelfApproval: row.allow_self_approval ?? false,
    },
  };
}

function toUser(session: Session, row: SessionRow): User {
  const { email, is_admin: isAdmin } = row;
  if (!('keyHash' in session)) return { id: session.userId, email, isAdmin };
  const { user_id: id = '', key_id: keyId = '', key_name: name = '' } = row;
  return { id, email, isAdmin, apiKey: { id: keyId, name } };
}
