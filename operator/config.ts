import { z } from 'zod';
import { readEnvironment, type Environment } from '../lib/env.ts';
import { ConfigurationError } from '../lib/errors.ts';
import {
  DEFAULT_LEASE_TIMING,
  faultsOfTiming,
  type LeaseTiming,
} from './controller/lease-timing.ts';

/** Every setting of the operator. */
export const operatorSettings = z.object({
  /** Kubeconfig file; in a pod neither this nor a context is set. */
  KUBECONFIG: z.string().optional(),
  /** The context of the kubeconfig, where it is not the current one. */
  KUBE_CONTEXT: z.string().optional(),
  /** Where the api publishes its keys. */
  SYSTEM_NAMESPACE: z.string().default('quartermaster-system'),
  /** Where runs, their state and class revisions live; no tenant has rights there. */
  RUNS_NAMESPACE: z.string().default('quartermaster-runs'),
  /** Image of the product, for the runners. */
  RUNNER_IMAGE: z.string().default('quartermaster:dev'),
  /** Secrets of the runs namespace that the image is fetched with, parted by commas. */
  RUNNER_IMAGE_PULL_SECRETS: z.string().default('').transform(splitList),
  /** Address that the run API binds to. */
  RUN_API_HOST: z.string().default('0.0.0.0'),
  /** Port of the run API; 0 for any that is free. */
  RUN_API_PORT: z.coerce.number().int().min(0).max(65535).default(8443),
  /** Under which the runners' pods reach it, such as https://quartermaster-operator:8443. */
  RUN_API_URL: z.url({ protocol: /^https$/ }).optional(),
  /** Others take over from a leader that was silent for so long. */
  LEASE_DURATION_SECONDS: z.coerce.number().int().min(1).max(3600).default(15),
  /** A leader that could not renew its lease for so long stops. */
  RENEW_DEADLINE_SECONDS: z.coerce.number().positive().default(10),
  /** Between two attempts to acquire or renew the lease. */
  RETRY_PERIOD_SECONDS: z.coerce.number().positive().default(2),
  /** Port of /health and /ready; 0 for any that is free. */
  HEALTH_PORT: z.coerce.number().int().min(0).max(65535).default(8081),
  /** Prometheus reads here, under /metrics; 0 for any port that is free. */
  METRICS_PORT: z.coerce.number().int().min(0).max(65535).default(9090),
  /** Most runs that are at work at once. */
  MAX_CONCURRENT_RUNS: z.coerce.number().int().min(1).max(1000).default(24),
  /** The least that is logged. */
  LOG_LEVEL: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
  /** Name of the pod, for Events. */
  HOSTNAME: z.string().default('operator'),
});

/** In messages. */
const ELECTION_SETTINGS = 'LEASE_DURATION_SECONDS, RENEW_DEADLINE_SECONDS, RETRY_PERIOD_SECONDS';

/** Settings of the operator. */
export type OperatorConfig = Readonly<z.output<typeof operatorSettings> & { RUN_API_URL: string }>;

/** Addresses that mean "all of them", and so none that a pod could call. */
const ANY_ADDRESS = ['0.0.0.0', '::'];

/**
 * Reads the settings of the operator. Where RUN_API_URL is not set it is made from the address that
 * the run API binds to.
 *
 * @throws {ConfigurationError} with all faults at once
 */
export function readOperatorConfig(environment: Environment): OperatorConfig {
  const settings = readEnvironment(operatorSettings, environment);
  const { RUN_API_URL: url, RUN_API_HOST: host, RUN_API_PORT: port } = settings;
  if (url === undefined && ANY_ADDRESS.includes(host)) {
    throw new ConfigurationError([`RUN_API_URL: required while RUN_API_HOST is ${host}`]);
  }
  const faults = faultsOfTiming(leaseTiming(settings));
  if (faults.length > 0) {
    throw new ConfigurationError(faults.map((fault) => `${ELECTION_SETTINGS}: ${fault}`));
  }
  return Object.freeze({ ...settings, RUN_API_URL: url ?? `https://${host}:${port}` });
}

function splitList(text: string): string[] {
  return text
    .split(',')
    .map((part) => part.trim())
    .filter((part) => part !== '');
}

/** The times of the leader election. */
export function leaseTiming(settings: z.output<typeof operatorSettings>): LeaseTiming {
  return {
    ...DEFAULT_LEASE_TIMING,
    leaseMs: settings.LEASE_DURATION_SECONDS * 1_000,
    renewDeadlineMs: settings.RENEW_DEADLINE_SECONDS * 1_000,
    retryMs: settings.RETRY_PERIOD_SECONDS * 1_000,
  };
}
