import { ConfigurationError } from '../../lib/errors.ts';
import { createKubeClient } from '../../lib/kube/client.ts';
import { readTrialDatabaseConfig } from './config.ts';
import { fillSecret } from './fill-secret.ts';
import { prepareServer } from './prepare-server.ts';

/**
 * Prepares the database that the chart brings to try things out: passwords at the first start, kept
 * in a Secret; then the three logins. Runs before the migration, at every install and upgrade.
 */
async function main(): Promise<void> {
  const config = readTrialDatabaseConfig(process.env);
  const client = createKubeClient({ kubeconfig: config.KUBECONFIG });
  try {
    const key = { namespace: config.SYSTEM_NAMESPACE, name: config.DATABASE_SECRET };
    const keys = { owner: config.OWNER_KEY, app: config.APP_KEY, system: config.SYSTEM_KEY };
    const place = { host: config.DATABASE_HOST, port: config.DATABASE_PORT, keys };
    const logins = await fillSecret(client, key, place);
    process.stdout.write('the Secret has the logins; waiting for the server\n');
    await prepareServer(logins, config.WAIT_SECONDS * 1_000);
    process.stdout.write('the server has the logins\n');
  } finally {
    await client.close();
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
