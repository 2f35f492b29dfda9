import { v7 as uuid } from 'uuid';
import type { Dependencies } from '../deps.ts';
import { isUniqueViolation } from '../db/database-error.ts';
import type { Transaction } from '../db/transaction.ts';
import { ConflictError, ForbiddenError } from '../errors.ts';
import { Account } from '../models/account.ts';
import { User } from '../models/user.ts';
import type { RequestInfo } from '../routes/route.ts';
import { acceptInvitation, lockInvitation } from './accept-invitation.ts';

/** What somebody registers with. */
export interface Registration {
  email: string;
  password: string;
  name?: string | undefined;
  /** The token of an invitation; it is accepted by that. */
  invitation?: string | undefined;
}

/**
 * Makes an account; with an invitation, a member of its organisation too.
 *
 * @throws {ForbiddenError} where registration is closed, or the invitation is missing or does not hold
 * @throws {ConflictError} when the address has an account
 */
export async function registerUser(
  deps: Pick<Dependencies, 'config' | 'database' | 'passwords' | 'clock'>,
  registration: Registration,
  request: RequestInfo,
): Promise<User> {
  requireOpen(deps.config.REGISTRATION, registration);
  const { email, name = null, invitation } = registration;
  const now = deps.clock.now();
  if (invitation !== undefined) {
    // Before the hash, which is costly: only who was invited may have one made.
    const props = { token: invitation, email, now };
    await deps.database.withSystem('look at an invitation', (trx) => lockInvitation(trx, props));
  }
  const passwordHash = await deps.passwords.hash(registration.password);
  return deps.database.withSystem('make an account', async (trx) => {
    const row = { id: uuid(), email, name, password_hash: passwordHash };
    if (invitation === undefined) return insertUser(trx, row);
    // The invitation came by mail, so mail to the address reaches them.
    const user = await insertUser(trx, { ...row, email_verified_at: now });
    await acceptInvitation(trx, { token: invitation, user, now, request });
    return user;
  });
}

function requireOpen(mode: 'open' | 'invitation' | 'closed', registration: Registration): void {
  if (mode === 'closed') {
    throw new ForbiddenError('Ask an administrator for an account.', 'REGISTRATION_CLOSED');
  }
  if (mode === 'invitation' && registration.invitation === undefined) {
    throw new ForbiddenError('Accounts are for who was invited.', 'INVITATION_REQUIRED');
  }
}

async function insertUser(trx: Transaction, row: Partial<Account>): Promise<User> {
  try {
    return await Account.query(trx).insert(row).returning(User.columns);
  } catch (error) {
    if (!isUniqueViolation(error, 'users_email')) throw error;
    throw new ConflictError('The address has an account already.', 'EMAIL_TAKEN', {
      cause: error,
    });
  }
}
