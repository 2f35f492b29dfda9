import { z } from 'zod';
import { orNull } from '../../openapi/or-null.ts';
import { organizationSchema } from '../../presenters/present-organization.ts';
import { userSchema } from '../../presenters/present-user.ts';

/** An e-mail address, in lower case. */
export const emailSchema = z
  .string()
  .max(320)
  .trim()
  .toLowerCase()
  .pipe(z.email('Send an e-mail address.'));

/** A password that somebody chooses. */
const newPasswordSchema = z.string().min(8, 'Use at least 8 characters.').max(256);

/** A new account. */
export const registerBody = z
  .strictObject({
    email: emailSchema,
    password: newPasswordSchema,
    name: z.string().trim().min(1).max(200).optional(),
    invitation: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .meta({ description: 'The token of the mail that invited you.' }),
  })
  .meta({ id: 'Register' });

/** A sign-in. */
export const loginBody = z
  .strictObject({
    email: emailSchema,
    password: z.string().min(1).max(256),
    organization_id: z.uuid().optional(),
  })
  .meta({ id: 'Login' });

/** Another password. */
export const changePasswordBody = z
  .strictObject({ current_password: z.string().min(1).max(256), new_password: newPasswordSchema })
  .meta({ id: 'ChangePassword' });

/** An address whose password was forgotten. */
export const forgotPasswordBody = z
  .strictObject({ email: emailSchema })
  .meta({ id: 'ForgotPassword' });

/** A password for the token of a mail. */
export const resetPasswordBody = z
  .strictObject({ token: z.string().min(1).max(200), password: newPasswordSchema })
  .meta({ id: 'ResetPassword' });

/** A refresh token, to be spent or ended. */
export const refreshBody = z
  .strictObject({ refresh_token: z.string().min(1).max(200) })
  .meta({ id: 'Refresh' });

/** Tokens, RFC 6749 §5.1. */
export const tokenPairSchema = z
  .object({
    access_token: z.string(),
    token_type: z.literal('Bearer'),
    expires_in: z.int().meta({ description: 'Seconds that the access token holds.' }),
    refresh_token: z.string(),
  })
  .meta({ id: 'TokenPair' });

/** Who calls. */
export const meSchema = z
  .object({
    user: userSchema,
    organization: orNull(organizationSchema),
    role: z.string().nullable(),
    api_key: z
      .object({ id: z.uuid(), name: z.string() })
      .nullable()
      .meta({ description: 'The key of the call; `user` is who made it.' }),
    abilities: z.array(z.object({ action: z.string(), resource: z.string() })),
  })
  .meta({ id: 'Me' });
