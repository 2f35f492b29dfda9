import { User } from './user.ts';

/** A person as sign-in sees them: with the hash of the password. For the system role only. */
export class Account extends User {
  static override readonly columns = [...User.columns, 'password_hash'];

  declare password_hash: string | null;
}
