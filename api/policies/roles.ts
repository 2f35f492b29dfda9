/** The roles of an organisation. */
export const ROLES = ['admin', 'approver', 'developer', 'read_only'] as const;

/** What a member is in an organisation. */
export type Role = (typeof ROLES)[number];

/** The roles that a key can have; deciding is for people, so there are no keys of approvers. */
export const KEY_ROLES = ['admin', 'developer', 'read_only'] as const;

/** What a key may be in its organisation. */
export type KeyRole = (typeof KEY_ROLES)[number];

/** Whether a text names a role. */
export function isRole(text: string | null | undefined): text is Role {
  return (ROLES as readonly (string | null | undefined)[]).includes(text);
}
