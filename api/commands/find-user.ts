import type { Database } from '../db/database.ts';
import { ValidationFailedError } from '../errors.ts';
import { User } from '../models/user.ts';

/** How a caller names a person: by one of the two. */
export interface UserReference {
  email?: string | undefined;
  user_id?: string | undefined;
}

/**
 * Finds a person to add, who may have nothing to do with the caller yet; hence as the system.
 *
 * @throws {ValidationFailedError} when there is no such account
 */
export async function findUserToAdd(database: Database, reference: UserReference): Promise<User> {
  const by = reference.email === undefined ? 'id' : 'email';
  const value = reference.email ?? reference.user_id ?? null;
  const user = await database.withSystem('find a person to add', (trx) =>
    User.query(trx).select(User.columns).findOne(by, value),
  );
  if (user) return user;
  const pointer = by === 'email' ? '/email' : '/user_id';
  throw new ValidationFailedError([{ pointer, message: 'There is no such account.' }]);
}
