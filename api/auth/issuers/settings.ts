import { z } from 'zod';
import { ROLES } from '../../policies/roles.ts';
import { slugSchema } from '../../policies/slug.ts';

/** The address of an issuer: over TLS, but for one on this machine. */
export const issuerUrlSchema = z.url().refine(isSafe, 'Use https, or http to a loopback address.');

const groupRoleSchema = z.strictObject({
  /** As the issuer names it. */
  group: z.string().min(1),
  /** Slug of the organisation. */
  organization: slugSchema,
  role: z.enum(ROLES),
});

const trustedIssuerSchema = z.strictObject({
  issuer: issuerUrlSchema,
  /** What its access tokens for us carry as `aud`. */
  audience: z.string().min(1),
  /** Found by discovery where it is absent. */
  jwks_uri: issuerUrlSchema.optional(),
  /**
   * The `typ` header of its access tokens. `any` is for issuers that give all their tokens the same
   * one; then an ID token is told by the claims that only ID tokens have.
   */
  token_type: z.enum(['at+jwt', 'any']).default('at+jwt'),
});

/** Which group of an issuer gives which role in which organisation. */
export type GroupRole = z.output<typeof groupRoleSchema>;

/** An issuer whose access tokens are taken. */
export type TrustedIssuer = z.output<typeof trustedIssuerSchema>;

/** `OIDC_ROLES`: a JSON list. */
export const groupRolesSchema = jsonText(z.array(groupRoleSchema));

/** `TRUSTED_ISSUERS`: a JSON list. */
export const trustedIssuersSchema = jsonText(z.array(trustedIssuerSchema));

function jsonText<T extends z.ZodType>(schema: T): z.ZodPipe<z.ZodTransform<unknown, string>, T> {
  return z
    .transform<string, unknown>((text, context) => {
      try {
        return JSON.parse(text) as unknown;
      } catch {
        context.addIssue({ code: 'custom', message: 'This is not JSON.' });
        return z.NEVER;
      }
    })
    .pipe(schema);
}

function isSafe(text: string): boolean {
  const url = new URL(text);
  const isLoopback = ['127.0.0.1', '[::1]', 'localhost'].includes(url.hostname);
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopback);
}
