import { z } from 'zod';
import { readEnvironment } from '../lib/env.ts';

const schema = z.object({
  /** Address to listen on. */
  HOST: z.string().default('0.0.0.0'),
  PORT: z.coerce.number().int().min(0).max(65535).default(8080),
  /** The address that users reach the api at; also the issuer of its tokens. */
  PUBLIC_URL: z.url().default('http://127.0.0.1:8080'),
  /** Login of the app role. */
  DATABASE_URL: z.string().min(1),
  /** Login of the system role. */
  SYSTEM_DATABASE_URL: z.string().min(1),
  /** Most connections of each of the two pools. */
  DATABASE_POOL_SIZE: z.coerce.number().int().min(2).max(200).default(10),
  /** A kubeconfig file; the pod's own service account where it is absent. */
  KUBECONFIG: z.string().optional(),
  KUBE_CONTEXT: z.string().optional(),
  /** `disabled`: accounts and records only; nothing is provisioned. */
  KUBERNETES: z.enum(['enabled', 'disabled']).default('enabled'),
  SYSTEM_NAMESPACE: z.string().default('quartermaster-system'),
  RUNS_NAMESPACE: z.string().default('quartermaster-runs'),
  /** Keeps the signing keys in files instead of a Secret. */
  KEYS_DIRECTORY: z.string().optional(),
  /** Whether anyone may make an account. */
  REGISTRATION: z.enum(['open', 'closed']).default('open'),
  LOG_LEVEL: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
});

/** The configuration of the api. */
export type ApiConfig = Readonly<z.output<typeof schema>>;

/**
 * Reads the configuration from an environment.
 *
 * @throws {ConfigurationError} with every fault
 */
export function readApiConfig(environment: Record<string, string | undefined>): ApiConfig {
  return readEnvironment(schema, environment);
}
