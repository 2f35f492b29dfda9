import { z } from 'zod';
import { readEnvironment, type Environment } from '../../lib/env.ts';

const schema = z.object({
  /** Kubeconfig file; in a pod neither this nor a context is set. */
  KUBECONFIG: z.string().optional(),
  KUBE_CONTEXT: z.string().optional(),
  /** Where runs and their state live. */
  RUNS_NAMESPACE: z.string().default('quartermaster-runs'),
});

/** Settings of the program for the state. */
export type StateAdminConfig = Readonly<z.output<typeof schema>>;

/** @throws {ConfigurationError} with all faults at once */
export function readStateAdminConfig(environment: Environment): StateAdminConfig {
  return readEnvironment(schema, environment);
}
