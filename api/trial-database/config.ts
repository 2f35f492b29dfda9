import { z } from 'zod';
import { readEnvironment, type Environment } from '../../lib/env.ts';

const key = z.string().regex(/^[-._a-zA-Z0-9]+$/);

const schema = z.object({
  /** A kubeconfig file; the pod's own service account where it is absent. */
  KUBECONFIG: z.string().optional(),
  SYSTEM_NAMESPACE: z.string().default('quartermaster-system'),
  /** The Secret, made empty, that keeps the logins. */
  DATABASE_SECRET: z.string().min(1),
  /** Where the server answers. */
  DATABASE_HOST: z.string().min(1),
  DATABASE_PORT: z.coerce.number().int().min(1).max(65535).default(5432),
  /** Keys of the three connection URLs. */
  OWNER_KEY: key.default('owner-url'),
  APP_KEY: key.default('app-url'),
  SYSTEM_KEY: key.default('system-url'),
  /** For how long the server is waited for. */
  WAIT_SECONDS: z.coerce.number().int().min(1).max(3600).default(600),
});

/** Settings of the program that prepares a database to try things out. */
export type TrialDatabaseConfig = Readonly<z.output<typeof schema>>;

/** @throws {ConfigurationError} with every fault */
export function readTrialDatabaseConfig(environment: Environment): TrialDatabaseConfig {
  return readEnvironment(schema, environment);
}
