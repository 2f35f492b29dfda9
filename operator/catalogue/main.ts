import { toError } from '../../lib/errors.ts';
import { createKubeClient } from '../../lib/kube/create-kube-client.ts';
import { createLogger } from '../../lib/logger.ts';
import { applyClasses } from './apply-classes.ts';
import { readCatalogueConfig } from './config.ts';
import { readClasses } from './read-classes.ts';

/** Applies the classes of a folder and ends; the chart runs it after every install and upgrade. */
async function main(): Promise<void> {
  const config = readCatalogueConfig(process.env);
  const log = createLogger({ level: config.LOG_LEVEL, service: 'catalogue' });
  const classes = await readClasses(config.CLASSES_DIRECTORY);
  const client = createKubeClient({
    kubeconfig: config.KUBECONFIG,
    context: config.KUBE_CONTEXT,
    userAgent: 'quartermaster-catalogue',
  });
  try {
    await applyClasses(classes, { client, log, patienceMs: config.PATIENCE_SECONDS * 1000 });
  } finally {
    await client.close();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${toError(error).message}\n`);
  process.exitCode = 1;
});
