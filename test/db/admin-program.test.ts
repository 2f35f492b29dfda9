import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { execa } from 'execa';
import { createDatabase, type TestDatabase } from '../../dev/postgres/test-server.ts';
import { openClient } from '../support/database/as-app.ts';

const program = path.resolve(import.meta.dirname, '../../api/admin/main.ts');
const email = 'ada@example.com';
const password = 'correct horse battery';

describe('the program of administrators', function () {
  this.timeout(20_000);
  let test: TestDatabase;
  let directory: string;
  before(async () => {
    test = await createDatabase();
    directory = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-keys-'));
  });
  after(async () => {
    rmSync(directory, { recursive: true });
    await test.drop();
  });

  async function run(args: string[], environment: Record<string, string> = {}) {
    const env = { PATH: process.env['PATH'] ?? '', ...environment };
    const options = { env, extendEnv: false, reject: false } as const;
    const { exitCode, stdout, stderr } = await execa(process.execPath, [program, ...args], options);
    return { exitCode, stdout, stderr };
  }

  for (const args of [[], ['nonsense'], ['create-admin'], ['create-admin', '--email', 'nobody']]) {
    it(`shows how it is used, and does nothing, when called with "${args.join(' ')}"`, async () => {
      const { exitCode, stderr } = await run(args);
      expect(exitCode).to.equal(2);
      expect(stderr).to.match(/^usage: /);
    });
  }

  it('names what is missing in the environment, and never repeats a password', async () => {
    const answer = await run(['create-admin', '--email', email], { ADMIN_PASSWORD: 'short' });
    expect(answer.exitCode).to.equal(1);
    expect(answer.stderr).to.contain('SYSTEM_DATABASE_URL').and.to.contain('ADMIN_PASSWORD');
    expect(answer.stderr).not.to.contain('short');
  });

  it('lists its commands when it is asked for help', async () => {
    const { exitCode, stdout } = await run(['help']);
    expect(exitCode).to.equal(0);
    for (const command of ['create-admin', 'verify-audit', 'rotate-keys']) {
      expect(stdout).to.contain(`  ${command} `);
    }
  });

  it('makes the first administrator, and gives them a password the second time', async () => {
    const environment = { SYSTEM_DATABASE_URL: test.systemUrl, ADMIN_PASSWORD: password };
    for (const outcome of [1, 2]) {
      const { exitCode, stderr } = await run(['create-admin', '--email', email], environment);
      expect(exitCode, `${outcome}: ${stderr}`).to.equal(0);
    }
    const root = await openClient(test.superuserUrl);
    const { rows } = await root.query('select email, is_admin from users');
    await root.end();
    expect(rows).to.deep.equal([{ email, is_admin: true }]);
  });

  it('says that an audit log is whole', async () => {
    const { exitCode, stdout } = await run(['verify-audit'], {
      SYSTEM_DATABASE_URL: test.systemUrl,
    });
    expect(exitCode, stdout).to.equal(0);
    expect(stdout).not.to.equal('');
  });

  it('adds new signing keys to those that there are', async () => {
    for (const time of ['first', 'second']) {
      const { exitCode, stderr } = await run(['rotate-keys'], { KEYS_DIRECTORY: directory });
      expect(exitCode, `${time}: ${stderr}`).to.equal(0);
    }
    expect(readdirSync(directory)).not.to.deep.equal([]);
  });
});
