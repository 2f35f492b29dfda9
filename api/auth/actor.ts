import type { Role } from '../policies/roles.ts';

/** What an access token says; believed only as far as the database confirms it. */
export interface Session {
  userId: string;
  /** The organisation that the call is for. */
  organizationId: string | null;
  /** `ver` of the token. */
  tokenVersion: number;
}

/** A person who is signed in. */
export interface User {
  id: string;
  email: string;
  /** Whether they administer the platform. */
  isAdmin: boolean;
}

/** The organisation that a call is for, and what the caller is in it. */
export interface Membership {
  organizationId: string;
  role: Role;
  /** Whether the organisation lets people approve their own requests. */
  allowSelfApproval: boolean;
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
