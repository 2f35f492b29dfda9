import { expect } from 'chai';
import type pg from 'pg';
import { v7 as uuid } from 'uuid';
import { createDatabase, type TestDatabase } from '../../dev/postgres/test-server.ts';
import {
  openClient,
  outcomeOf,
  rolledBack,
  type Context,
  type Outcome,
} from '../support/database/as-app.ts';
import { buildRow, insertTenant, type Row, type Tenant } from '../support/database/tenant-rows.ts';

interface Grant {
  verbs: string;
  /** A column that may be written. */
  updatable?: string;
  /** The organisation of a row may not even be named in an update. */
  fixed?: boolean;
}

/** What the app may do to its own rows; everything else has no privilege. */
const APP_GRANTS: Record<string, Grant> = {
  memberships: { verbs: 'select insert update delete', updatable: 'role' },
  projects: { verbs: 'select insert update', updatable: 'name' },
  teams: { verbs: 'select insert update delete', updatable: 'name' },
  team_members: { verbs: 'select insert delete' },
  role_policies: { verbs: 'select insert update', updatable: 'permissions' },
  quotas: { verbs: 'select insert update', updatable: 'requests' },
  usage_records: { verbs: 'select' },
  project_members: { verbs: 'select insert delete' },
  resource_requests: { verbs: 'select insert update', updatable: 'name' },
  request_revisions: { verbs: 'select insert update', updatable: 'status' },
  request_events: { verbs: 'select insert' },
  runs: { verbs: 'select' },
  api_keys: { verbs: 'select insert update', updatable: 'revoked_at', fixed: true },
  idempotency_keys: { verbs: 'select insert update', updatable: 'status' },
  invitations: { verbs: 'select insert update', updatable: 'revoked_at', fixed: true },
  credential_grants: { verbs: 'select insert update delete', updatable: 'used_at', fixed: true },
  webhooks: { verbs: 'select insert update delete', updatable: 'is_enabled' },
  notification_deliveries: { verbs: 'select update', updatable: 'status', fixed: true },
  outbox: { verbs: 'insert' },
  audit_log: { verbs: 'select insert' },
};

const VERBS = ['select', 'insert', 'update', 'delete'] as const;
type Verb = (typeof VERBS)[number];

describe('row level security, table by table', () => {
  let database: TestDatabase;
  let root: pg.Client;
  let app: pg.Client;
  let own: Tenant & { outsiderId: string };
  let foreign: Tenant & { outsiderId: string };

  before(async () => {
    database = await createDatabase();
    root = await openClient(database.superuserUrl);
    app = await openClient(database.appUrl);
    own = await insertTenant(root);
    foreign = await insertTenant(root);
  });
  after(async () => {
    await app.end();
    await root.end();
    await database.drop();
  });

  const inOwn = (): Context => ({ organization_id: own.organizationId, user_id: own.userId });

  /** Tries a verb on the rows of a tenant. */
  const attempt = (verb: Verb, table: string, target: Tenant): Promise<Outcome> => {
    const where = `where organization_id = '${target.organizationId}'`;
    const column = APP_GRANTS[table]?.updatable ?? 'organization_id';
    switch (verb) {
      case 'select':
        return outcomeOf(app, `select * from ${table} ${where}`);
      case 'update':
        return outcomeOf(app, `update ${table} set ${column} = ${column} ${where}`);
      case 'delete':
        return outcomeOf(app, `delete from ${table} ${where}`);
      case 'insert':
        return insertInto(table, { ...buildRow[table]!(target), ...freshKey(table, target) });
    }
  };

  const insertInto = (table: string, row: Row): Promise<Outcome> => {
    const columns = Object.keys(row);
    const places = columns.map((_, index) => `$${index + 1}`).join(', ');
    const statement = `insert into ${table} (${columns.join(', ')}) values (${places})`;
    return outcomeOf(app, statement, Object.values(row));
  };

  /** Tables whose key says what a row is about need one that is not in them yet. */
  const freshKey = (table: string, target: Tenant): Row => {
    const keys: Record<string, Row> = {
      memberships: { user_id: target === own ? own.outsiderId : foreign.outsiderId },
      role_policies: { role: 'approver' },
      quotas: { project_id: null },
    };
    return keys[table] ?? {};
  };

  for (const [table, { verbs, fixed }] of Object.entries(APP_GRANTS)) {
    for (const verb of VERBS) {
      const isGranted = verbs.split(' ').includes(verb);
      const hidden: Outcome = verb === 'insert' ? 'row security' : 0;

      it(`${table}: ${verb} of another organisation's rows ${isGranted ? 'finds none' : 'is refused'}`, async () => {
        const outcome = await rolledBack(app, inOwn(), () => attempt(verb, table, foreign));
        expect(outcome).to.equal(isGranted ? hidden : 'no privilege');
      });

      it(`${table}: ${verb} for nobody ${isGranted ? 'finds none' : 'is refused'}`, async () => {
        const outcome = await rolledBack(app, {}, () => attempt(verb, table, own));
        expect(outcome).to.equal(isGranted ? hidden : 'no privilege');
      });

      it(`${table}: ${verb} of one's own rows ${isGranted ? 'works' : 'is refused'}`, async () => {
        const outcome = await rolledBack(app, inOwn(), async () => {
          if (table.endsWith('_members') && verb === 'insert') {
            await app.query(`delete from ${table}`);
          }
          return attempt(verb, table, own);
        });
        expect(outcome).to.equal(isGranted ? 1 : 'no privilege');
      });
    }

    if (verbs.includes('update')) {
      it(`${table}: a row cannot be moved to another organisation`, async () => {
        const outcome = await rolledBack(app, inOwn(), () =>
          outcomeOf(app, `update ${table} set organization_id = $1`, [foreign.organizationId]),
        );
        expect(outcome).to.equal(fixed ? 'no privilege' : 'row security');
      });
    }
  }

  describe('organizations', () => {
    const name = (): string => `update organizations set name = name`;

    it('are seen by their members only', async () => {
      const seen = await rolledBack(app, inOwn(), () => app.query('select id from organizations'));
      expect(seen.rows).to.deep.equal([{ id: own.organizationId }]);
    });
    it('are seen by nobody without a context', async () => {
      const outcome = await rolledBack(app, {}, () =>
        outcomeOf(app, 'select id from organizations'),
      );
      expect(outcome).to.equal(0);
    });
    it('are all seen by an administrator of the platform, who cannot change them', async () => {
      const context = { user_id: own.outsiderId, platform_admin: 'true' };
      const seen = await rolledBack(app, context, () =>
        outcomeOf(app, 'select id from organizations'),
      );
      expect(seen).to.equal(2);
      expect(await rolledBack(app, context, () => outcomeOf(app, name()))).to.equal(0);
    });
    it('are changed only within their own context', async () => {
      const where = `${name()} where id = '${foreign.organizationId}'`;
      expect(await rolledBack(app, inOwn(), () => outcomeOf(app, where))).to.equal(0);
      expect(await rolledBack(app, inOwn(), () => outcomeOf(app, name()))).to.equal(1);
    });
    it('are neither made, nor renamed in their slug, nor deleted by the app', async () => {
      for (const statement of [
        `insert into organizations (id, name, slug) values ('${uuid()}', 'Mine', 'mine')`,
        `update organizations set slug = 'mine'`,
        'delete from organizations',
      ]) {
        const outcome = await rolledBack(app, inOwn(), () => outcomeOf(app, statement));
        expect(outcome, statement).to.equal('no privilege');
      }
    });
  });

  describe('users', () => {
    it('of another organisation are not seen', async () => {
      const seen = await rolledBack(app, inOwn(), () => app.query('select id from users'));
      expect(seen.rows).to.deep.equal([{ id: own.userId }]);
    });
    it('are seen by nobody without a context', async () => {
      const outcome = await rolledBack(app, {}, () => outcomeOf(app, 'select id from users'));
      expect(outcome).to.equal(0);
    });
    it('keep their password hashes from the app, and their names and rights unchanged', async () => {
      for (const statement of [
        'select password_hash from users',
        'select * from users',
        'update users set is_admin = true',
        "update users set email = 'x@example.com'",
        'delete from users',
      ]) {
        const outcome = await rolledBack(app, inOwn(), () => outcomeOf(app, statement));
        expect(outcome, statement).to.equal('no privilege');
      }
    });
  });

  for (const table of ['password_resets', 'sign_in_failures', 'user_identities']) {
    it(`${table} are out of reach of the app`, async () => {
      for (const verb of ['select * from', 'delete from']) {
        const outcome = await rolledBack(app, inOwn(), () => outcomeOf(app, `${verb} ${table}`));
        expect(outcome).to.equal('no privilege');
      }
    });
  }

  it('mails are asked for by the app only for invitations of its organisation', async () => {
    const [invitation] = (
      await root.query<{ id: string }>('select id from invitations where organization_id = $1', [
        own.organizationId,
      ])
    ).rows;
    const job = { id: uuid(), kind: 'invitation', recipient: 'x@example.com' };
    for (const [row, expected] of [
      [{ invitation_id: invitation!.id, organization_id: own.organizationId }, 1],
      [{ invitation_id: invitation!.id, organization_id: foreign.organizationId }, 'row security'],
      [{ kind: 'password_reset' }, 'row security'],
    ] as const) {
      const outcome = await rolledBack(app, inOwn(), () =>
        insertInto('mail_queue', { ...job, ...row }),
      );
      expect(outcome).to.equal(expected);
    }
    const look = await rolledBack(app, inOwn(), () => outcomeOf(app, 'select * from mail_queue'));
    expect(look).to.equal('no privilege');
  });

  it('refresh tokens are out of reach of the app', async () => {
    for (const verb of ['select * from', 'delete from']) {
      const outcome = await rolledBack(app, inOwn(), () =>
        outcomeOf(app, `${verb} refresh_tokens`),
      );
      expect(outcome).to.equal('no privilege');
    }
  });

  it('a foreign key cannot point into another organisation', async () => {
    const row = { ...buildRow['resource_requests']!(own), project_id: foreign.projectId };
    const error = await rolledBack(app, inOwn(), () =>
      insertInto('resource_requests', row).then(
        () => undefined,
        (thrown: unknown) => thrown as pg.DatabaseError,
      ),
    );
    expect(error?.code).to.equal('23503');
  });
});
