import { writeFileSync } from 'node:fs';
import path from 'node:path';
import { FileKeyStore } from '../api/auth/file-key-store.ts';
import { loadKeySet } from '../api/auth/key-store.ts';
import { PasswordHasher } from '../api/auth/password-hasher.ts';
import { migrateToLatest } from '../api/db/migrate.ts';
import { PlatformError } from '../dev/errors.ts';
import { bootstrapRoles, withDatabase, type RoleUrls } from '../dev/postgres/bootstrap-roles.ts';
import { startPostgres } from '../dev/postgres/embedded-postgres.ts';
import { findFreePort } from '../dev/processes/free-port.ts';
import { waitFor } from '../dev/processes/wait-for.ts';
import type { RunningProcess } from '../dev/processes/supervisor.ts';
import { isInstalled } from '../dev/programs-on-path.ts';
import { startTestSession, type TestSession } from '../dev/testing/test-session.ts';
import { chooseCallers, formatCallers } from './callers.ts';
import { readLoad, type Section } from './document.ts';
import { planListMs } from './plan-list.ts';
import { describeApi } from './report.ts';
import { runLoad, type Target } from './run-load.ts';
import { seed } from './seed.ts';

const DATABASE = 'bench';
const PASSWORD = 'correct horse battery';
const PROCESSES = 2;
const SECONDS = 10;
const SIZE = { organizations: 1000, requestsEach: 200 };

/** Like a small server: durable, and with its tables in memory. */
const settings = ['shared_buffers=512MB', 'max_wal_size=4GB'];

const say = (text: string): void => void process.stdout.write(`${text}\n`);

type ServerUrls = RoleUrls & { superuserUrl: string };

/** A server with the three roles, the newest schema and all the rows. */
async function openDatabase(session: TestSession): Promise<ServerUrls> {
  const server = await startPostgres({
    supervisor: session.supervisor,
    directory: session.makeDirectory('postgres'),
    settings,
  });
  const roles = await bootstrapRoles(server.superuserUrl, DATABASE);
  await migrateToLatest(roles.ownerUrl);
  const superuserUrl = withDatabase(server.superuserUrl, DATABASE);
  await seed(superuserUrl, SIZE, await new PasswordHasher().hash(PASSWORD));
  return { ...roles, superuserUrl };
}

/** The api, in as many processes as there are cores. */
async function openApi(
  session: TestSession,
  place: { roles: RoleUrls; keysDirectory: string; port: number },
): Promise<RunningProcess> {
  const api = session.supervisor.start({
    name: 'api',
    command: process.execPath,
    args: [path.join(import.meta.dirname, 'api-process.ts')],
    env: {
      BENCH_PROCESSES: String(PROCESSES),
      DATABASE_URL: place.roles.appUrl,
      SYSTEM_DATABASE_URL: place.roles.systemUrl,
      KUBERNETES: 'disabled',
      KEYS_DIRECTORY: place.keysDirectory,
      // Every call is counted as it is for users, but the load comes from one address.
      RATE_LIMIT_PER_ADDRESS: '10000000',
      RATE_LIMIT_PER_PRINCIPAL: '10000000',
      RATE_LIMIT_SIGN_IN: '10000000',
      HOST: '127.0.0.1',
      PORT: String(place.port),
      PUBLIC_URL: `http://127.0.0.1:${place.port}`,
    },
  });
  const url = `http://127.0.0.1:${place.port}/ready`;
  await waitFor(async () => (await fetch(url)).status < 500, { what: 'the api', process: api });
  return api;
}

/** Everything that the loads are aimed at. */
async function openTarget(session: TestSession): Promise<Target & { roles: ServerUrls }> {
  say(`Making a database of ${SIZE.organizations * SIZE.requestsEach} requests (half a minute) …`);
  const roles = await openDatabase(session);
  const keysDirectory = session.makeDirectory('keys');
  const keys = await loadKeySet(new FileKeyStore(keysDirectory));
  const port = await findFreePort();
  const issuer = `http://127.0.0.1:${port}`;
  const callers = await chooseCallers(roles.superuserUrl, { keys, issuer, count: 200 });
  const callersFile = path.join(session.makeDirectory('load'), 'callers.tsv');
  writeFileSync(callersFile, formatCallers(callers), { mode: 0o600 });
  await openApi(session, { roles, keysDirectory, port });
  return { url: issuer, callersFile, roles };
}

/** Runs every load against the api. */
export async function benchApi(): Promise<Section> {
  if (!isInstalled('wrk')) {
    throw new PlatformError('The load is made by wrk: apt-get install wrk, then try again.');
  }
  const target = await openTarget(startTestSession());
  const load = (script: string): ReturnType<typeof runLoad> => {
    say(`${script} …`);
    return runLoad(target, { script, connections: 32, seconds: SECONDS });
  };
  const loadBefore = readLoad();
  const planMs = await planListMs(target.roles);
  const list = await load('list');
  const show = await load('show');
  const create = await load('create');
  say('list during 50 logins at once …');
  const [busyList, logins] = await Promise.all([
    runLoad(target, { script: 'list', connections: 32, seconds: SECONDS }),
    runLoad(target, { script: 'login', connections: 50, seconds: SECONDS }),
  ]);
  const results = { list, show, create, busyList, logins, planMs };
  return describeApi(results, { processes: PROCESSES, seconds: SECONDS, settings, loadBefore });
}
