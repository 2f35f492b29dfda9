import { execFile } from 'node:child_process';
import { chownSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import { getBinding } from 'kube-service-bindings';
import { Client, type ClientConfig } from 'pg';
import { parse } from 'yaml';
import { resourceClassSchema } from '../../crds/resource-class.ts';
import { startPostgres, type PostgresServer } from '../../dev/postgres/embedded-postgres.ts';
import { findPostgresPrograms } from '../../dev/postgres/postgres-programs.ts';
import { startTestSession } from '../../dev/testing/test-session.ts';
import { buildCredentialsSecret } from '../../operator/credentials/build-secret.ts';
import { rejection } from '../support/rejection.ts';

const CATALOG = path.resolve(import.meta.dirname, '../../catalog');
/** What a shell, SQL or a format could take for something else. */
const NEW_PASSWORD = `it's %s "new" $HOME \\ ; drop`;
const execute = promisify(execFile);

describe('The class postgres, with a real PostgreSQL', function () {
  this.timeout(60_000);
  const session = startTestSession();
  const { supervisor } = session;
  let directory: string;
  let server: PostgresServer;

  before(async () => {
    directory = session.makeDirectory('postgres-class');
    server = await startPostgres({ supervisor, directory });
  });
  after(() => supervisor.stop(server.process));

  /** Runs the program of the pod's first container, as the user of the server. */
  async function setPassword(
    passwordFile: string,
    data = path.join(directory, 'data'),
  ): Promise<{ stdout: string; stderr: string; code: number }> {
    const { postgres } = await findPostgresPrograms();
    const { uid, gid } = statSync(path.join(directory, 'data'));
    const script = readFileSync(path.join(CATALOG, 'modules/postgres/set-password.sh'), 'utf8');
    const env = {
      PATH: `${path.dirname(postgres)}:/usr/bin:/bin`,
      PGDATA: data,
      POSTGRES_USER: 'postgres',
      POSTGRES_PASSWORD_FILE: passwordFile,
    };
    return execute('sh', ['-c', script], { env, uid, gid, cwd: '/' }).then(
      (ending) => ({ ...ending, code: 0 }),
      (error: unknown) => error as { stdout: string; stderr: string; code: number },
    );
  }

  async function connect(config: ClientConfig): Promise<string> {
    const client = new Client(config);
    await client.connect();
    const { rows } = await client.query<{ name: string }>('select current_user as name');
    await client.end();
    return rows[0]?.name ?? '';
  }

  it('sets nothing where the data folder is still to be made', async () => {
    const { code } = await setPassword('/nowhere', path.join(directory, 'no-data'));
    expect(code).to.equal(0);
  });

  it('lets only the new password in once it was rotated', async () => {
    const { superuserUrl } = server;
    expect(await connect({ connectionString: superuserUrl })).to.equal('postgres');
    await supervisor.stop(server.process);
    const passwordFile = path.join(directory, 'superuser-password');
    const { uid, gid } = statSync(path.join(directory, 'data'));
    writeFileSync(passwordFile, NEW_PASSWORD);
    chownSync(passwordFile, uid, gid);
    const { code, stdout, stderr } = await setPassword(passwordFile);
    expect(code, stderr).to.equal(0);
    expect(stdout + stderr).not.to.contain('drop');

    const { hostname: host, port } = new URL(superuserUrl);
    const address = { host, port: Number(port), user: 'postgres', database: 'postgres' };
    // Whoever starts it puts the file into a URL.
    writeFileSync(passwordFile, encodeURIComponent(NEW_PASSWORD));
    server = await startPostgres({ supervisor, directory, port: Number(port) });
    expect(await connect({ ...address, password: NEW_PASSWORD })).to.equal('postgres');
    const refusal = await rejection(connect({ connectionString: superuserUrl }));
    expect((refusal as { code?: string }).code).to.equal('28P01');
  });

  it('fails without a word of the password when that cannot be set', async () => {
    await supervisor.stop(server.process);
    const passwordFile = path.join(directory, 'superuser-password');
    const data = path.join(directory, 'broken');
    mkdirSync(data);
    writeFileSync(path.join(data, 'PG_VERSION'), '18');
    const { code, stdout, stderr } = await setPassword(passwordFile, data);
    expect(code).not.to.equal(0);
    expect(stdout + stderr).not.to.contain('drop');
    server = await startPostgres({ supervisor, directory });
  });

  it('gives a Secret that applications read and connect with, as kube-service-bindings does', async () => {
    const text = readFileSync(path.join(CATALOG, 'classes/postgres.yaml'), 'utf8');
    const { spec } = resourceClassSchema.parse(parse(text));
    const { hostname: host, port, password } = new URL(server.superuserUrl);
    const outputs = {
      host,
      port: Number(port),
      database: 'postgres',
      username: 'postgres',
      password: decodeURIComponent(password),
      uri: server.superuserUrl,
    };
    const request = { namespace: 'team', name: 'orders', uid: 'uid-1' };
    const owner = { secretName: 'orders-credentials', request, className: 'postgres' };
    const secret = buildCredentialsSecret(owner, spec, outputs);
    expect(secret.type).to.equal('servicebinding.io/postgresql');
    process.env['SERVICE_BINDING_ROOT'] = projectSecret(secret.data ?? {});
    const binding: object = getBinding('POSTGRESQL', 'pg');
    delete process.env['SERVICE_BINDING_ROOT'];
    expect(await connect({ ...binding })).to.equal('postgres');
  });

  /** Lays a Secret out as the kubelet does: files behind a link that changes when the Secret does. */
  function projectSecret(data: Record<string, string>): string {
    const root = path.join(directory, 'bindings');
    const binding = path.join(root, 'orders');
    mkdirSync(path.join(binding, '..2026_01_01'), { recursive: true });
    symlinkSync('..2026_01_01', path.join(binding, '..data'));
    for (const [key, value] of Object.entries(data)) {
      writeFileSync(path.join(binding, '..2026_01_01', key), Buffer.from(value, 'base64'));
      symlinkSync(path.join('..data', key), path.join(binding, key));
    }
    return root;
  }
});
