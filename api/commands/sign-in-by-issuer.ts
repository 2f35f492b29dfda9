import { v7 as uuid } from 'uuid';
import type { IssuerProfile } from '../auth/issuers/issuer-profile.ts';
import type { GroupRole } from '../auth/issuers/settings.ts';
import type { Database } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import type { Dependencies } from '../deps.ts';
import { ConflictError, ForbiddenError } from '../errors.ts';
import { Account } from '../models/account.ts';
import { Membership } from '../models/membership.ts';
import { User } from '../models/user.ts';
import { rolesOfGroups } from '../policies/group-roles.ts';
import { applyGroupRoles } from './apply-group-roles.ts';
import { issueTokens, type TokenPair } from './issue-tokens.ts';

/**
 * Signs in whom an issuer vouches for. The first time makes their account; each time their groups
 * give them their roles.
 *
 * @throws {ForbiddenError} when the issuer gives no address to make an account of
 * @throws {ConflictError} when the address has an account that nobody proved to be theirs
 */
export async function signInByIssuer(
  deps: Pick<Dependencies, 'config' | 'database' | 'tokens' | 'clock'>,
  profile: IssuerProfile,
): Promise<TokenPair> {
  return deps.database.withSystem('sign-in by an issuer', async (trx) => {
    const user = await admit(trx, profile, deps.config.OIDC_ROLES, deps.clock.now());
    const [first, second] = await Membership.query(trx)
      .select('organization_id')
      .where({ user_id: user.id })
      .limit(2);
    const organizationId = second ? null : (first?.organization_id ?? null);
    return issueTokens(deps, trx, { user, organizationId });
  });
}

/**
 * Who somebody is that calls with a token of an issuer; the first call makes their account.
 *
 * @throws {ForbiddenError | ConflictError} like {@link signInByIssuer}
 */
export async function recognizeByIssuer(
  deps: { database: Database; rules: readonly GroupRole[]; now: Date },
  profile: IssuerProfile,
): Promise<User> {
  return deps.database.withSystem('a token of an issuer', async (trx) => {
    return (await findByIdentity(trx, profile)) ?? admit(trx, profile, deps.rules, deps.now);
  });
}

async function admit(
  trx: Transaction,
  profile: IssuerProfile,
  rules: readonly GroupRole[],
  now: Date,
): Promise<User> {
  const known = await findByIdentity(trx, profile);
  const { id } = known ?? (await makeIdentity(trx, profile, now));
  await applyGroupRoles(trx, id, rolesOfGroups(rules, profile.groups));
  // Again: the roles may have ended the tokens of before.
  return User.query(trx).select(User.columns).findById(id).throwIfNotFound();
}

async function findByIdentity(
  trx: Transaction,
  { issuer, subject }: IssuerProfile,
): Promise<User | undefined> {
  const identity = trx('user_identities').select('user_id').where({ issuer, subject });
  return User.query(trx).select(User.columns).whereIn('id', identity).first();
}

async function makeIdentity(trx: Transaction, profile: IssuerProfile, now: Date): Promise<User> {
  const user = await findOrMakeAccount(trx, profile, now);
  const { issuer, subject } = profile;
  await trx('user_identities').insert({ issuer, subject, user_id: user.id });
  return user;
}

/**
 * An account that is there already is theirs only when both sides know that the address is: the
 * issuer, and we. Else who registers an address of somebody else would wait for them to come.
 */
async function findOrMakeAccount(
  trx: Transaction,
  { email, isEmailVerified, name }: IssuerProfile,
  now: Date,
): Promise<User> {
  if (email === null) {
    throw new ForbiddenError('The issuer does not give your address.', 'EMAIL_REQUIRED');
  }
  const account = await Account.query(trx).select(Account.columns).findOne({ email });
  if (!account) {
    const row = { id: uuid(), email, name, email_verified_at: isEmailVerified ? now : null };
    return Account.query(trx).insert(row).returning(User.columns);
  }
  if (isEmailVerified && account.email_verified_at !== null) return account;
  throw new ConflictError(
    'The address has an account that nobody proved to be theirs: choose a new password by mail.',
    'ACCOUNT_NOT_PROVEN',
  );
}
