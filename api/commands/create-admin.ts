import { v7 as uuid } from 'uuid';
import type { PasswordHasher } from '../auth/password-hasher.ts';
import type { Database } from '../db/database.ts';
import { Account } from '../models/account.ts';
import { User } from '../models/user.ts';

/** What came of it. */
export type AdminOutcome = 'created' | 'changed' | 'unchanged';

/**
 * Makes sure that there is an administrator of the platform with this address and password;
 * doing it twice is doing it once.
 */
export async function createAdmin(
  parts: { database: Database; passwords: PasswordHasher },
  admin: { email: string; password: string },
): Promise<AdminOutcome> {
  const { database, passwords } = parts;
  const account = await database.withSystem('look for the administrator', (trx) =>
    Account.query(trx).select(Account.columns).findOne({ email: admin.email }),
  );
  const matches = await passwords.verify(account?.password_hash ?? null, admin.password);
  if (account?.is_admin && matches) return 'unchanged';
  const passwordHash = await passwords.hash(admin.password);
  await database.withSystem('make an administrator', async (trx) => {
    await Account.query(trx)
      .insert({ id: uuid(), email: admin.email, is_admin: true, password_hash: passwordHash })
      .onConflict('email')
      .merge(['is_admin', 'password_hash']);
    if (account) await User.endTokens(trx, [account.id]);
  });
  return account ? 'changed' : 'created';
}
