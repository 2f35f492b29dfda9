import type { Permission } from '../policies/permissions.ts';
import type { Role } from '../policies/roles.ts';

/** What an access token says; believed only as far as the database confirms it. */
export interface TokenSession {
  userId: string;
  /** The organisation that the call is for. */
  organizationId: string | null;
  /** `ver` of the token. */
  tokenVersion: number;
  /** Present for a guest. */
  isGuest?: true;
}

/** A key that came with a call; whether it holds is for the database to say. */
export interface KeySession {
  keyHash: string;
  /** The organisation that the call is for; null: that of the key. */
  organizationId: string | null;
}

/** What a call proves who makes it by. */
export type Session = TokenSession | KeySession;

/** The key that a program calls with. */
export interface KeyReference {
  id: string;
  name: string;
}

/** A person who is signed in, or who stands behind the key of a program. */
export interface User {
  id: string;
  email: string;
  /** Present when it is not the person who calls but a program, with a key that they made. */
  apiKey?: KeyReference;
  /** Present for somebody without an account, who stays for an hour. */
  isGuest?: true;
  /** Whether they administer the platform. */
  isAdmin: boolean;
}

/** The organisation that a call is for, and what the caller is in it. */
export interface Membership {
  organizationId: string;
  role: Role;
  /** Whether the organisation lets people approve their own requests. */
  allowSelfApproval: boolean;
  /** What the organisation lets the role do; absent where it says nothing of its own. */
  permissions?: readonly Permission[];
}

/** Who makes a call outside any organisation. */
export interface UserActor {
  user: User;
  /** Present when the call is for an organisation that the user belongs to. */
  membership: Membership | null;
}

/** Who makes a call within an organisation. */
export interface Actor extends UserActor {
  membership: Membership;
}
