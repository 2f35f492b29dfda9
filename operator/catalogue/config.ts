import { z } from 'zod';
import { readEnvironment, type Environment } from '../../lib/env.ts';

const schema = z.object({
  /** Folder with one ResourceClass in each `.yaml` file. */
  CLASSES_DIRECTORY: z.string().min(1),
  /** Kubeconfig file; in a pod neither this nor a context is set. */
  KUBECONFIG: z.string().optional(),
  KUBE_CONTEXT: z.string().optional(),
  /** How long the kinds may take until they are served, after their definitions were made. */
  PATIENCE_SECONDS: z.coerce.number().int().min(1).max(600).default(60),
  LOG_LEVEL: z.enum(['error', 'warn', 'info', 'debug']).default('info'),
});

/** Settings of the program that applies classes. */
export type CatalogueConfig = Readonly<z.output<typeof schema>>;

/** @throws {ConfigurationError} with all faults at once */
export function readCatalogueConfig(environment: Environment): CatalogueConfig {
  return readEnvironment(schema, environment);
}
