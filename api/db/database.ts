import type { Knex } from 'knex';
import type { Logger } from '../../lib/logger.ts';
import type { Membership, Session, User, UserActor } from '../auth/actor.ts';
import { UnauthenticatedError } from '../errors.ts';
import { permissionsSchema } from '../policies/role-policy.ts';
import { isRole } from '../policies/roles.ts';
import { connect } from './connect.ts';
import { TenantClient, type TenantTransactionConfig } from './tenant-client.ts';
import { readSessionRow, sessionStatement, type SessionRow } from './session-statement.ts';
import { sendTogether } from './send-together.ts';
import { defineStatement, type Row, type Statement } from './statement.ts';
import { BEGIN, TenantOpening, type TransactionAccess } from './tenant-opening.ts';
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

const COMMIT = defineStatement('commit', 'commit')();

/** What a person read, and who they are by the database's word. */
export interface TenantRows {
  actor: UserActor;
  rows: readonly Row[];
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
    const common = { max: options.maxConnections, log: options.log, client: TenantClient };
    this.#app = connect({ ...common, url: options.appUrl, name: 'quartermaster-api' });
    this.#system = connect({ ...common, url: options.systemUrl, name: 'quartermaster-system' });
    this.#log = options.log;
  }

  /**
   * Runs work for a person: row level security shows them their organisation's rows and their own.
   * Commits when the work resolves, rolls back when it rejects. Opening takes one round trip.
   *
   * @param session what the caller's token says, or the key that they presented
   * @param work gets the transaction and who the caller is by the database's word
   * @param access `read`: the database refuses every write, and since nothing can get lost then,
   *   the result does not wait for the commit
   * @throws {UnauthenticatedError} when the token is out of date, or the key does not hold
   */
  async withTenant<T>(
    session: Session,
    work: (trx: Transaction, actor: UserActor) => PromiseLike<T>,
    access: TransactionAccess = 'write',
  ): Promise<T> {
    const opening = new TenantOpening(session, access);
    const run = async (trx: Transaction): Promise<T> =>
      work(trx, toActor(session, requireRow(session, opening.row)));
    const config: TenantTransactionConfig = { opening };
    const transact = (scope: (trx: Transaction) => Promise<T>): Promise<T> =>
      this.#app.transaction(scope, config);
    if (access === 'write') return transact(run);
    return new Promise((resolve, reject) => {
      const runAndTell = async (trx: Transaction): Promise<T> => {
        const result = await run(trx);
        resolve(result);
        return result;
      };
      transact(runAndTell).catch(reject);
    });
  }

  /**
   * Reads for a person, by one statement and in one round trip: a transaction that only reads is
   * opened, the session is opened, the statement runs under row level security, and the transaction
   * ends. Where the session does not open, the statement finds nothing.
   *
   * @param statement absent: only who the caller is
   * @throws {UnauthenticatedError} when the token is out of date, or the key does not hold
   */
  async readTenant(session: Session, statement?: Statement): Promise<TenantRows> {
    const opening = [BEGIN.read, sessionStatement(session)];
    const reading = statement === undefined ? [] : [statement];
    const results = await this.#onConnection([...opening, ...reading, COMMIT]);
    const actor = toActor(session, requireRow(session, readSessionRow(results[1])));
    return { actor, rows: (statement && results[2]) ?? [] };
  }

  async #onConnection(statements: readonly Statement[]): Promise<Row[][]> {
    const client = this.#app.client as TenantClient;
    const connection = await client.acquireConnection();
    try {
      return await sendTogether(connection, statements);
    } catch (error) {
      // It may be in the middle of a transaction, so nobody gets it any more.
      connection.__knex__disposed = error;
      throw error;
    } finally {
      void client.releaseConnection(connection);
    }
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
      // Not by id: an older installation may have got the migrations in another order.
      .orderBy('name', 'desc')
      .limit(1);
    return rows[0]?.name;
  }

  /** Closes both pools; waits for the queries in progress. */
  async close(): Promise<void> {
    await Promise.all([this.#app.destroy(), this.#system.destroy()]);
  }
}

/** What the database said of a session. @throws {UnauthenticatedError} when it does not hold */
function requireRow(session: Session, row: SessionRow | undefined): SessionRow {
  if (row) return row;
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
      ...policyOf(row),
    },
  };
}

/** What is not understood grants nothing. */
function policyOf({ permissions }: SessionRow): Pick<Membership, 'permissions'> {
  if (permissions === null || permissions === undefined) return {};
  return { permissions: permissionsSchema.safeParse(permissions).data ?? [] };
}

function toUser(session: Session, row: SessionRow): User {
  const { email, is_admin: isAdmin } = row;
  if (!('keyHash' in session)) {
    return { id: session.userId, email, isAdmin, ...(session.isGuest && { isGuest: true }) };
  }
  const { user_id: id = '', key_id: keyId = '', key_name: name = '' } = row;
  return { id, email, isAdmin, apiKey: { id: keyId, name } };
}
