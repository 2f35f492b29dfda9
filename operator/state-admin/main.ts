import { systemClock } from '../../lib/clock.ts';
import { toError } from '../../lib/errors.ts';
import { createKubeClient } from '../../lib/kube/client.ts';
import { openStores } from '../state/stores.ts';
import { readStateAdminConfig } from './config.ts';
import { UsageError } from './errors.ts';
import { parseStateAdminArguments, USAGE } from './parse-arguments.ts';
import { performCommand } from './perform-command.ts';

/** Shows and restores states, and changes the keys that they are sealed with: docs/operate-state.md. */
async function main(): Promise<void> {
  const command = parseStateAdminArguments(process.argv.slice(2));
  const config = readStateAdminConfig(process.env);
  const client = createKubeClient({
    kubeconfig: config.KUBECONFIG,
    context: config.KUBE_CONTEXT,
    userAgent: 'quartermaster-state-admin',
  });
  const common = { client, namespace: config.RUNS_NAMESPACE, clock: systemClock };
  try {
    const stores = await openStores(common);
    process.stdout.write(await performCommand({ ...common, stores }, command));
  } finally {
    await client.close();
  }
}

main().catch((error: unknown) => {
  process.stderr.write(`${toError(error).message}\n`);
  if (error instanceof UsageError) process.stderr.write(USAGE);
  process.exitCode = error instanceof UsageError ? 64 : 1;
});
