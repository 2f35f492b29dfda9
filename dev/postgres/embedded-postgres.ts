import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import pg from 'pg';
import { isRoot } from '../paths.ts';
import { findFreePort } from '../processes/free-port.ts';
import { identifyProcess } from '../processes/process-identity.ts';
import type { RunningProcess, Supervisor } from '../processes/supervisor.ts';
import { waitFor } from '../processes/wait-for.ts';
import type { PostgresPrograms } from './postgres-programs.ts';
import { findPostgresPrograms } from './postgres-programs.ts';

/** What an embedded server is started with. */
export interface PostgresOptions {
  readonly supervisor: Supervisor;
  /** Where it keeps its data; made and initialised if it is not there. */
  readonly directory: string;
  readonly port?: number;
  /** Settings of the server, such as `fsync=off` for tests. */
  readonly settings?: readonly string[];
}

/** A running server. */
export interface PostgresServer {
  /** Of the superuser, to the database `postgres`. */
  readonly superuserUrl: string;
  readonly process: RunningProcess;
}

type Owner = { readonly uid: number; readonly gid: number } | Record<string, never>;

/** Starts PostgreSQL 18 on loopback (about 1.3 s the first time, 0.2 s later). */
export async function startPostgres(options: PostgresOptions): Promise<PostgresServer> {
  const programs = await findPostgresPrograms();
  const owner = findOwner();
  const port = options.port ?? (await findFreePort());
  const data = path.join(options.directory, 'data');
  const passwordFile = path.join(options.directory, 'superuser-password');
  makeDirectory(options.directory, owner);
  if (!existsSync(path.join(data, 'PG_VERSION'))) {
    await initialise(options.supervisor, programs, { data, passwordFile, owner });
  }
  removeStalePidFile(path.join(data, 'postmaster.pid'));
  const password = readFileSync(passwordFile, 'utf8').trim();
  const running = options.supervisor.start({
    name: 'postgres',
    command: programs.postgres,
    args: ['-D', data, ...serverFlags(options, port)],
    // Fast shutdown, which does not wait for clients; at once, but with its shared memory given back.
    stopSignal: 'SIGINT',
    lastSignal: 'SIGQUIT',
    ...owner,
  });
  const superuserUrl = `postgres://postgres:${password}@127.0.0.1:${port}/postgres`;
  await waitFor(() => canConnect(superuserUrl), {
    what: 'PostgreSQL',
    process: running,
    signal: options.supervisor.signal,
  });
  return { superuserUrl, process: running };
}

function serverFlags(options: PostgresOptions, port: number): string[] {
  const settings = [
    'listen_addresses=127.0.0.1',
    // No socket file: everybody comes over loopback, with a password.
    'unix_socket_directories=',
    'max_connections=200',
    ...(options.settings ?? []),
  ];
  return ['-p', String(port), ...settings.flatMap((setting) => ['-c', setting])];
}

async function initialise(
  supervisor: Supervisor,
  programs: PostgresPrograms,
  target: { data: string; passwordFile: string; owner: Owner },
): Promise<void> {
  rmSync(target.data, { recursive: true, force: true });
  writeFileSync(target.passwordFile, randomBytes(24).toString('hex'), { mode: 0o600 });
  giveTo(target.passwordFile, target.owner);
  await supervisor.run({
    name: 'initdb',
    command: programs.initdb,
    args: [
      `--pgdata=${target.data}`,
      '--username=postgres',
      '--auth=scram-sha-256',
      `--pwfile=${target.passwordFile}`,
      '--encoding=UTF8',
      '--locale=C',
      '--no-sync',
    ],
    ...target.owner,
  });
}

/**
 * After a crash the file names a dead server. PostgreSQL finds that out by itself, except that it
 * takes a process that has ended, but that nobody has waited for, for a living one.
 */
function removeStalePidFile(file: string): void {
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (identifyProcess(pid) === null) rmSync(file);
}

/** PostgreSQL refuses to run as root: then it runs as `postgres` if there is such a user, else as `nobody`. */
function findOwner(): Owner {
  if (!isRoot()) return {};
  const name = lookUpId('postgres', '-u') === null ? 'nobody' : 'postgres';
  return { uid: lookUpId(name, '-u') ?? 65534, gid: lookUpId(name, '-g') ?? 65534 };
}

function lookUpId(user: string, which: '-u' | '-g'): number | null {
  try {
    return Number(
      execFileSync('id', [which, user], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }),
    );
  } catch {
    return null;
  }
}

function makeDirectory(directory: string, owner: Owner): void {
  mkdirSync(path.dirname(directory), { recursive: true, mode: 0o711 });
  mkdirSync(directory, { recursive: true, mode: 0o700 });
  giveTo(directory, owner);
}

function giveTo(file: string, owner: Owner): void {
  if ('uid' in owner) chownSync(file, owner.uid, owner.gid);
}

async function canConnect(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 1000 });
  try {
    await client.connect();
    return true;
  } finally {
    await client.end();
  }
}
