import { z } from 'zod';
import { readEnvironment, type Environment } from '../../lib/env.ts';

/** For how long the server is waited for. */
const waitSeconds = z.coerce.number().int().min(1).max(3600).default(600);
const key = z.string().regex(/^[-._a-zA-Z0-9]+$/);

/** With Kubernetes: the logins are made, and kept in a Secret. */
const inSecret = z.object({
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
  WAIT_SECONDS: waitSeconds,
});

/** Without: whoever composes the containers says which logins there are to be. */
const given = z.object({
  /** Connection URL of somebody who may make roles. */
  ADMINISTRATOR_URL: z.url(),
  OWNER_DATABASE_URL: z.url(),
  DATABASE_URL: z.url(),
  SYSTEM_DATABASE_URL: z.url(),
  WAIT_SECONDS: waitSeconds,
});

/** Settings of the program that prepares a database to try things out. */
export type TrialDatabaseConfig = Readonly<
  ({ kind: 'in-secret' } & z.output<typeof inSecret>) | ({ kind: 'given' } & z.output<typeof given>)
>;

/** @throws {ConfigurationError} with every fault */
export function readTrialDatabaseConfig(environment: Environment): TrialDatabaseConfig {
  return environment['ADMINISTRATOR_URL'] === undefined
    ? { kind: 'in-secret', ...readEnvironment(inSecret, environment) }
    : { kind: 'given', ...readEnvironment(given, environment) };
}
