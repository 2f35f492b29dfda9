import { v7 as uuid } from 'uuid';
import { newApiKey } from '../auth/api-keys.ts';
import { recordAudit } from '../db/audit.ts';
import { NotFoundError } from '../errors.ts';
import { ApiKey } from '../models/api-key.ts';
import type { KeyRole } from '../policies/roles.ts';
import type { CommandContext } from './command-context.ts';

/**
 * Makes a key of the actor's organisation.
 *
 * @returns what is kept of it, and the key itself, which is known only now
 */
export async function createApiKey(
  context: CommandContext,
  props: { name: string; role: KeyRole; expires_at: Date },
): Promise<{ row: ApiKey; key: string }> {
  const { trx, actor } = context;
  const { key, prefix, hash } = newApiKey();
  const row = await ApiKey.query(trx)
    .insert({
      id: uuid(),
      organization_id: actor.membership.organizationId,
      ...props,
      ...{ prefix, key_hash: hash, created_by: actor.user.id },
    })
    .returning(ApiKey.columns);
  await audit(context, 'api_key.create', row);
  return { row, key };
}

/**
 * Ends a key: the next call with it is refused.
 *
 * @throws {NotFoundError} when there is none, or it was ended before
 */
export async function revokeApiKey(context: CommandContext, id: string): Promise<void> {
  const { trx, actor } = context;
  const row = await ApiKey.live(trx, actor.membership.organizationId).findOne({ id }).forUpdate();
  if (!row) throw new NotFoundError();
  await ApiKey.query(trx)
    .patch({ revoked_at: new Date() })
    .where({ organization_id: row.organization_id, id: row.id });
  await audit(context, 'api_key.revoke', row);
}

async function audit(
  { trx, actor, request }: CommandContext,
  action: string,
  row: ApiKey,
): Promise<void> {
  await recordAudit(trx, {
    organizationId: row.organization_id,
    actor: actor.user,
    action,
    target: { type: 'api_key', id: row.id },
    details: { name: row.name, role: row.role, prefix: row.prefix },
    request,
  });
}
