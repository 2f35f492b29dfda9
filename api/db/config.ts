import { z } from 'zod';
import { readEnvironment } from '../../lib/env.ts';

/** Where the migrations run. */
export interface MigrationConfig {
  /** Connection URL of the owner role. */
  ownerUrl: string;
}

/**
 * Reads the environment of the migration command: `OWNER_DATABASE_URL`.
 *
 * @throws {ConfigurationError}
 */
export function readMigrationConfig(): MigrationConfig {
  const schema = z.object({ OWNER_DATABASE_URL: z.string().min(1) });
  return { ownerUrl: readEnvironment(schema, process.env).OWNER_DATABASE_URL };
}
