import { parseArgs } from 'node:util';
import { z } from 'zod';
import { readEnvironment } from '../../lib/env.ts';
import { ConfigurationError } from '../../lib/errors.ts';
import { createKubeClient } from '../../lib/kube/create-kube-client.ts';
import { createLogger } from '../../lib/logger.ts';
import { openKeyStore } from '../auth/open-key-store.ts';
import { PasswordHasher } from '../auth/password-hasher.ts';
import { rotateKeys } from '../auth/rotate-key-set.ts';
import { createAdmin } from '../commands/create-admin.ts';
import { Database } from '../db/database.ts';
import { runVerifyAudit } from './run-verify-audit.ts';
import { emailSchema } from '../routes/auth/schema.ts';

const USAGE = `usage: node dist/api/admin/main.js COMMAND, or from a checkout: npm run admin -- COMMAND
  create-admin --email ADDRESS   makes an administrator of the platform, or gives them a password
    environment: SYSTEM_DATABASE_URL, ADMIN_PASSWORD (each also as NAME_FILE)
  verify-audit                   finds what was changed in the audit log, removed from it or put into it
    environment: SYSTEM_DATABASE_URL
  rotate-keys                    adds new signing keys; they sign in five minutes
    environment: KEYS_DIRECTORY, or KUBECONFIG, KUBE_CONTEXT and SYSTEM_NAMESPACE as the api has them
  help                           this text
`;

const databaseEnvironmentSchema = z.object({ SYSTEM_DATABASE_URL: z.string().min(1) });

const environmentSchema = databaseEnvironmentSchema.extend({
  ADMIN_PASSWORD: z.string().min(8, 'use at least 8 characters').max(256),
});

const keysEnvironmentSchema = z.object({
  KEYS_DIRECTORY: z.string().optional(),
  KUBECONFIG: z.string().optional(),
  KUBE_CONTEXT: z.string().optional(),
  SYSTEM_NAMESPACE: z.string().default('quartermaster-system'),
});

async function runRotateKeys(): Promise<void> {
  const environment = readEnvironment(keysEnvironmentSchema, process.env);
  const kube =
    environment.KEYS_DIRECTORY === undefined
      ? createKubeClient({ kubeconfig: environment.KUBECONFIG, context: environment.KUBE_CONTEXT })
      : undefined;
  try {
    const isDone = await rotateKeys(openKeyStore(environment, kube), new Date());
    process.stdout.write(
      isDone
        ? 'new keys are published; they sign in five minutes\n'
        : 'somebody else changed the keys at the same time; try again\n',
    );
    if (!isDone) process.exitCode = 1;
  } finally {
    await kube?.close();
  }
}

async function runCreateAdmin(email: string): Promise<void> {
  const environment = readEnvironment(environmentSchema, process.env);
  const database = openDatabase(environment.SYSTEM_DATABASE_URL);
  try {
    const admin = { email, password: environment.ADMIN_PASSWORD };
    const outcome = await createAdmin({ database, passwords: new PasswordHasher() }, admin);
    process.stdout.write(`administrator ${email}: ${outcome}\n`);
  } finally {
    await database.close();
  }
}

async function runAuditCheck(): Promise<void> {
  const environment = readEnvironment(databaseEnvironmentSchema, process.env);
  const database = openDatabase(environment.SYSTEM_DATABASE_URL);
  try {
    const isWhole = await runVerifyAudit(database, (line) => process.stdout.write(`${line}\n`));
    if (!isWhole) process.exitCode = 1;
  } finally {
    await database.close();
  }
}

/** No person is asking, so the app's door stays shut; both lead to the system role. */
function openDatabase(url: string): Database {
  const log = createLogger({ level: 'warn', service: 'admin' });
  return new Database({ appUrl: url, systemUrl: url, maxConnections: 2, log });
}

async function main(): Promise<void> {
  const options = { email: { type: 'string' } } as const;
  const { positionals, values } = parseArgs({ options, allowPositionals: true });
  const [command] = positionals;
  const email = emailSchema.safeParse(values.email);
  if (command === 'help') process.stdout.write(USAGE);
  else if (command === 'rotate-keys') await runRotateKeys();
  else if (command === 'verify-audit') await runAuditCheck();
  else if (command === 'create-admin' && email.success) await runCreateAdmin(email.data);
  else {
    process.stderr.write(USAGE);
    process.exitCode = 2;
  }
}

try {
  await main();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
