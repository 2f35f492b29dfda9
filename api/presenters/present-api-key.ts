import { z } from 'zod';
import type { ApiKey } from '../models/api-key.ts';
import { KEY_ROLES } from '../policies/roles.ts';

/** A key as the API shows it, without what makes it a key. */
export const apiKeySchema = z
  .object({
    id: z.uuid(),
    organization_id: z.uuid(),
    name: z.string(),
    role: z.enum(KEY_ROLES),
    prefix: z.string().meta({ description: 'How the key begins.' }),
    created_by: z.uuid(),
    created_at: z.iso.datetime(),
    expires_at: z.iso.datetime(),
    last_used_at: z.iso.datetime().nullable().meta({ description: 'To the minute.' }),
  })
  .meta({ id: 'ApiKey' });

/** A key right after it was made. */
export const newApiKeySchema = apiKeySchema
  .extend({ key: z.string().meta({ description: 'The key itself; shown only now.' }) })
  .meta({ id: 'NewApiKey' });

/** The answer for one key. */
export function presentApiKey(key: ApiKey): z.infer<typeof apiKeySchema> {
  return {
    id: key.id,
    organization_id: key.organization_id,
    name: key.name,
    role: key.role,
    prefix: key.prefix,
    created_by: key.created_by,
    created_at: key.created_at.toISOString(),
    expires_at: key.expires_at.toISOString(),
    last_used_at: key.last_used_at?.toISOString() ?? null,
  };
}
