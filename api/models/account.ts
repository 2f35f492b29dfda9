import { User } from './user.ts';

/** A person as sign-in sees them: with the hash of the password. For the system role only. */
export class Account extends User {
  static override readonly columns = [
    ...User.columns,
    'password_hash',
    'email_verified_at',
    'guest_until',
  ];

  declare password_hash: string | null;
  /** When they showed that mail to the address reaches them. */
  declare email_verified_at: Date | null;
  /** When a guest leaves; null for everybody else. */
  declare guest_until: Date | null;
}
