import { parseArgs } from 'node:util';
import { z } from 'zod';
import { readEnvironment } from '../../lib/env.ts';
import { ConfigurationError } from '../../lib/errors.ts';
import { createLogger } from '../../lib/logger.ts';
import { PasswordHasher } from '../auth/password-hasher.ts';
import { createAdmin } from '../commands/create-admin.ts';
import { Database } from '../db/database.ts';
import { emailSchema } from '../routes/auth/schema.ts';

const USAGE = `usage: node api/admin/main.ts create-admin --email ADDRESS
  environment: SYSTEM_DATABASE_URL, ADMIN_PASSWORD (each also as NAME_FILE)
`;

const environmentSchema = z.object({
  SYSTEM_DATABASE_URL: z.string().min(1),
  ADMIN_PASSWORD: z.string().min(8, 'use at least 8 characters').max(256),
});

async function runCreateAdmin(email: string): Promise<void> {
  const environment = readEnvironment(environmentSchema, process.env);
  const url = environment.SYSTEM_DATABASE_URL;
  // No person is asking, so the app's door stays shut; both lead to the system role.
  const database = new Database({
    appUrl: url,
    systemUrl: url,
    maxConnections: 2,
    log: createLogger({ level: 'warn', service: 'admin' }),
  });
  try {
    const admin = { email, password: environment.ADMIN_PASSWORD };
    const outcome = await createAdmin({ database, passwords: new PasswordHasher() }, admin);
    process.stdout.write(`administrator ${email}: ${outcome}\n`);
  } finally {
    await database.close();
  }
}

async function main(): Promise<void> {
  const options = { email: { type: 'string' } } as const;
  const { positionals, values } = parseArgs({ options, allowPositionals: true });
  const email = emailSchema.safeParse(values.email);
  if (positionals[0] !== 'create-admin' || !email.success) {
    process.stderr.write(USAGE);
    process.exitCode = 2;
    return;
  }
  await runCreateAdmin(email.data);
}

try {
  await main();
} catch (error) {
  if (!(error instanceof ConfigurationError)) throw error;
  process.stderr.write(`${error.message}\n`);
  process.exitCode = 1;
}
