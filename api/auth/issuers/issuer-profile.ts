import { z } from 'zod';

/** A person as an issuer describes them. */
export interface IssuerProfile {
  issuer: string;
  /** Theirs at the issuer, for ever. */
  subject: string;
  /** Null where the issuer gives none. */
  email: string | null;
  /** Whether the issuer knows that the address is theirs. */
  isEmailVerified: boolean;
  name: string | null;
  groups: readonly string[];
}

const claimsSchema = z.looseObject({
  iss: z.string().min(1).max(500),
  sub: z.string().min(1).max(500),
  email: z.string().max(320).trim().toLowerCase().pipe(z.email()).nullish().catch(null),
  email_verified: z.boolean().nullish().catch(null),
  name: z.string().trim().min(1).max(200).nullish().catch(null),
});
const groupsSchema = z.array(z.string()).catch([]);

/**
 * Reads claims that were verified. What is no address or no name counts as absent.
 *
 * @param groupsClaim name of the claim with the groups
 * @returns undefined without a subject
 */
export function readProfile(claims: object, groupsClaim: string): IssuerProfile | undefined {
  const parsed = claimsSchema.safeParse(claims);
  if (!parsed.success) return undefined;
  const { iss, sub, email, email_verified, name } = parsed.data;
  return {
    issuer: iss,
    subject: sub,
    email: email ?? null,
    isEmailVerified: email_verified === true,
    name: name ?? null,
    groups: groupsSchema.parse(parsed.data[groupsClaim]),
  };
}
