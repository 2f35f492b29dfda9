import { ConfigurationError } from '../../lib/errors.ts';
import { createKubeClient } from '../../lib/kube/create-kube-client.ts';
import { readTrialDatabaseConfig, type TrialDatabaseConfig } from './config.ts';
import { fillSecret } from './fill-secret.ts';
import { givenLogins, type Logins } from './logins.ts';
import { prepareServer } from './prepare-server.ts';

/** The logins: made at the first start and kept in a Secret, or given. */
async function findLogins(config: TrialDatabaseConfig): Promise<Logins> {
  if (config.kind === 'given') {
    return givenLogins(config.ADMINISTRATOR_URL, {
      owner: config.OWNER_DATABASE_URL,
      app: config.DATABASE_URL,
      system: config.SYSTEM_DATABASE_URL,
    });
  }
  const client = createKubeClient({ kubeconfig: config.KUBECONFIG });
  try {
    const secret = { namespace: config.SYSTEM_NAMESPACE, name: config.DATABASE_SECRET };
    const keys = { owner: config.OWNER_KEY, app: config.APP_KEY, system: config.SYSTEM_KEY };
    const place = { host: config.DATABASE_HOST, port: config.DATABASE_PORT, keys };
    return await fillSecret(client, secret, place);
  } finally {
    await client.close();
  }
}

/**
 * Prepares the database that the chart and the compose file bring to try things out. Runs before the
 * migration, every time; what is there already stays.
 */
async function main(): Promise<void> {
  const config = readTrialDatabaseConfig(process.env);
  const logins = await findLogins(config);
  process.stdout.write('the logins are known; waiting for the server\n');
  await prepareServer(logins, config.WAIT_SECONDS * 1_000);
  process.stdout.write('the server has the logins\n');
}

try {
  await main();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
