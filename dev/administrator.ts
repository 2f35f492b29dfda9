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
 * @param api the database of the api
 */
export async function ensureAdministrator(
  supervisor: Supervisor,
  api: { readonly url: string; readonly database: PreparedDatabase },
): Promise<Administrator> {
  const password = readPassword();
  await supervisor.run({
    name: 'create-admin',
    command: process.execPath,
    args: [path.join(checkoutDirectory, 'api', 'admin', 'create-admin.ts')],
    cwd: checkoutDirectory,
    env: {
      SYSTEM_DATABASE_URL: api.database.systemUrl,
      ADMIN_EMAIL: email,
      ADMIN_PASSWORD: password,
    },
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
