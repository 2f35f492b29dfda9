import { v7 as uuid } from 'uuid';
import type { Dependencies } from '../deps.ts';
import { isUniqueViolation } from '../db/database-error.ts';
import { ConflictError, ForbiddenError } from '../errors.ts';
import { Account } from '../models/account.ts';
import { User } from '../models/user.ts';

/** What somebody registers with. */
export interface Registration {
  email: string;
  password: string;
  name?: string | undefined;
}

/**
 * Makes an account.
 *
 * @throws {ForbiddenError} where registration is closed
 * @throws {ConflictError} when the address has an account
 */
export async function registerUser(
  deps: Pick<Dependencies, 'config' | 'database' | 'passwords'>,
  registration: Registration,
): Promise<User> {
  if (deps.config.REGISTRATION === 'closed') {
    throw new ForbiddenError('Ask an administrator for an account.', 'REGISTRATION_CLOSED');
  }
  const row = {
    id: uuid(),
    email: registration.email,
    name: registration.name ?? null,
    password_hash: await deps.passwords.hash(registration.password),
  };
  try {
    return await deps.database.withSystem('make an account', (trx) =>
      Account.query(trx).insert(row).returning(User.columns),
    );
  } catch (error) {
    if (!isUniqueViolation(error, 'users_email')) throw error;
    throw new ConflictError('The address has an account already.', 'EMAIL_TAKEN', {
      cause: error,
    });
  }
}
