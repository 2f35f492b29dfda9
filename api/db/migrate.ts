import type { Knex } from 'knex';
import { migrations } from '../../migrations/index.ts';
import type { Migration } from '../../migrations/migration.ts';
import { connect } from './connect.ts';
import { readMigrationConfig } from './config.ts';
import { waitForDatabase } from './wait-for-database.ts';

/** The name of the newest migration: the schema version that this program needs. */
export const SCHEMA_VERSION = migrations.at(-1)?.name ?? '';

/** Gives knex our explicit list instead of a folder. */
class ListedMigrations implements Knex.MigrationSource<Migration> {
  getMigrations(): Promise<Migration[]> {
    return Promise.resolve([...migrations]);
  }

  getMigrationName(migration: Migration): string {
    return migration.name;
  }

  getMigration(migration: Migration): Promise<Knex.Migration> {
    return Promise.resolve({ up: migration.up, down: migration.down });
  }
}

/**
 * Brings the schema to the newest version; does nothing when it is there already. Runs that start
 * at the same time wait for each other.
 *
 * @param ownerUrl connection URL of the owner role
 * @returns the names of the migrations that were run now
 */
export async function migrateToLatest(ownerUrl: string): Promise<string[]> {
  const database = connect({ url: ownerUrl, name: 'quartermaster-migrations', max: 2 });
  try {
    await waitForDatabase(database, { timeoutMs: 60_000 });
    return await withMigrationLock(database, () => runMigrations(database));
  } finally {
    await database.destroy();
  }
}

/** An advisory lock: knex's own lock row would fail the second run instead of letting it wait. */
async function withMigrationLock<T>(database: Knex, run: () => Promise<T>): Promise<T> {
  return database.transaction(async (trx) => {
    await trx.raw('select pg_advisory_xact_lock(7318029441)');
    return run();
  });
}

async function runMigrations(database: Knex): Promise<string[]> {
  const [, names] = (await database.migrate.latest({
    migrationSource: new ListedMigrations(),
    tableName: 'schema_migrations',
  })) as [number, string[]];
  await database.raw('grant select on schema_migrations to quartermaster_app');
  return names;
}

if (import.meta.main) {
  const names = await migrateToLatest(readMigrationConfig().ownerUrl);
  process.stdout.write(
    names.length === 0 ? 'the schema is up to date\n' : `migrated: ${names.join(', ')}\n`,
  );
}
