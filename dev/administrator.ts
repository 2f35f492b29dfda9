import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { PreparedDatabase } from './database.ts';
import { checkoutDirectory, localDirectory } from './paths.ts';
import type { Supervisor } from './processes/supervisor.ts';
import { writeFileAtomically } from './processes/write-file.ts';

/** The first person of a new platform. */
export interface Administrator {
  readonly email: string;
  readonly password: string;
}

const email = 'admin@quartermaster.local';

/**
 * Makes sure that there is a platform administrator with the password that `.local/admin-password`
 * holds, which is made at the first start.
 *
 * @param supervisor runs the api's own command for it
 * @param database the database of the api
 */
export async function ensureAdministrator(
  supervisor: Supervisor,
  database: PreparedDatabase,
): Promise<Administrator> {
  const password = readPassword();
  const program = path.join(checkoutDirectory, 'api', 'admin', 'main.ts');
  await supervisor.run({
    name: 'create-admin',
    command: process.execPath,
    args: [program, 'create-admin', '--email', email],
    cwd: checkoutDirectory,
    env: { SYSTEM_DATABASE_URL: database.systemUrl, ADMIN_PASSWORD: password },
  });
  return { email, password };
}

function readPassword(): string {
  const file = path.join(localDirectory, 'admin-password');
  if (existsSync(file)) return readFileSync(file, 'utf8').trim();
  const password = randomBytes(18).toString('base64url');
  writeFileAtomically(file, password);
  return password;
}
