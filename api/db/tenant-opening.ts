import type { PooledConnection } from 'knex/lib/dialects/postgres/index.js';
import pg from 'pg';
import type { Session } from '../auth/actor.ts';

/** What the database says of a session. */
export interface SessionRow {
  /** These four only where a key was presented. */
  user_id?: string;
  key_id?: string;
  key_name?: string;
  organization_id?: string;
  email: string;
  is_admin: boolean;
  role: string | null;
  allow_self_approval: boolean | null;
  /** What the organisation lets the role do; null where it says nothing of its own. */
  permissions: unknown;
}

/** What a transaction may do; the database refuses a write in one that only reads. */
export type TransactionAccess = 'read' | 'write';

const BEGIN = { read: 'begin read only', write: 'begin' } as const;

/** A statement with its values; the name is that of the prepared statement. */
interface SessionStatement {
  name: string;
  text: string;
  values: (string | number | null)[];
}

/**
 * Opens the transaction of a caller in one round trip: the messages of `begin` and of
 * `begin_session` (or `begin_key_session`), with bound values, go to the database together, and are answered together.
 */
export class TenantOpening {
  readonly #session: Session;
  readonly #access: TransactionAccess;
  #row: SessionRow | undefined;

  constructor(session: Session, access: TransactionAccess) {
    this.#session = session;
    this.#access = access;
  }

  /** What the database said; undefined where the token or key does not hold. */
  get row(): SessionRow | undefined {
    return this.#row;
  }

  /**
   * Opens the transaction.
   *
   * @throws what the database or the connection to it says; the connection is not used again
   */
  async begin(connection: PooledConnection): Promise<void> {
    try {
      this.#row = await this.#send(connection);
    } catch (error) {
      // It may be in the middle of a transaction, so nobody gets it any more.
      connection.__knex__disposed = error;
      throw error;
    }
  }

  #send(connection: PooledConnection): Promise<SessionRow | undefined> {
    const statement = sessionStatement(this.#session);
    return new Promise((resolve, reject) => {
      const query = new pg.Query<SessionRow>(statement, (error, results) =>
        error ? reject(error) : resolve(sessionRow(results)),
      );
      connection.query(preceded(BEGIN[this.#access], query));
    });
  }
}

function sessionStatement(session: Session): SessionStatement {
  const { organizationId } = session;
  if ('keyHash' in session) {
    return {
      name: 'qm_begin_key_session',
      text: withPermissions('begin_key_session($1, $2::uuid)'),
      values: [session.keyHash, organizationId],
    };
  }
  return {
    name: 'qm_begin_session',
    text: withPermissions('begin_session($1::uuid, $2::uuid, $3::integer)'),
    values: [session.userId, organizationId, session.tokenVersion],
  };
}

/** What the role may do is looked up when the session is open: it depends on what that gives. */
function withPermissions(opening: string): string {
  return `select session.*, session_permissions(session.role) as permissions from ${opening} as session`;
}

/**
 * A query that is sent behind a statement without values, in one message and before one common
 * sync: when the statement fails, PostgreSQL skips the query.
 */
function preceded<T extends pg.Query>(statement: string, query: T): T {
  const submit = query.submit.bind(query);
  query.submit = (connection) => {
    connection.stream.cork();
    try {
      connection.parse({ name: '', text: statement, types: [] }, true);
      connection.bind({}, true);
      connection.execute(null, true);
      submit(connection);
    } finally {
      connection.stream.uncork();
    }
  };
  return query;
}

/** The driver gives one result for each of the two statements. */
function sessionRow(results: unknown): SessionRow | undefined {
  const [, session] = results as [unknown, pg.QueryResult<SessionRow>];
  return session.rows[0];
}
