import type { Transaction } from '../db/transaction.ts';
import type { Dependencies } from '../deps.ts';
import { ForbiddenError, UnauthenticatedError } from '../errors.ts';
import { Account } from '../models/account.ts';
import { Membership } from '../models/membership.ts';
import { issueTokens, type TokenPair } from './issue-tokens.ts';

/** What somebody signs in with. */
export interface Credentials {
  email: string;
  password: string;
  organization_id?: string | undefined;
}

/**
 * Signs a person in, for an organisation of theirs: the one that they name, or the only one.
 *
 * @throws {UnauthenticatedError} for an unknown address as for a wrong password, after the same time
 * @throws {RateLimitedError} after too many that failed
 * @throws {ForbiddenError} when they do not belong to the organisation that they name
 */
export async function signIn(
  deps: Pick<Dependencies, 'database' | 'passwords' | 'signIns' | 'tokens' | 'clock'>,
  credentials: Credentials,
  address: string,
): Promise<TokenPair> {
  const { email, password } = credentials;
  // The hash is computed outside the transaction: it takes long, and may have to wait.
  const account = await deps.database.withSystem('sign-in', (trx) =>
    Account.query(trx).select(Account.columns).findOne({ email }),
  );
  const matches = await deps.signIns.attempt({ email, address }, () =>
    deps.passwords.verify(account?.password_hash ?? null, password),
  );
  if (!account || !matches) {
    throw new UnauthenticatedError('INVALID_CREDENTIALS', 'The address or the password is wrong.');
  }
  return deps.database.withSystem('sign-in', async (trx) => {
    const organizationId = await chooseOrganization(trx, account.id, credentials.organization_id);
    return issueTokens(deps, trx, { user: account, organizationId });
  });
}

async function chooseOrganization(
  trx: Transaction,
  userId: string,
  wanted: string | undefined,
): Promise<string | null> {
  const key = { user_id: userId, ...(wanted === undefined ? {} : { organization_id: wanted }) };
  const [first, second] = await Membership.query(trx).select('organization_id').where(key).limit(2);
  if (wanted !== undefined && !first) {
    throw new ForbiddenError('You are not a member of that organisation.', 'NOT_A_MEMBER');
  }
  return second ? null : (first?.organization_id ?? null);
}
