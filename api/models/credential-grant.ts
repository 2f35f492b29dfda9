import { Model } from 'objection';
import type { Transaction } from '../db/transaction.ts';

/** Whose grant it is, and for what. */
export interface GrantHolder {
  organization_id: string;
  request_id: string;
  principal_id: string;
}

/** Leave to see the credentials of a request once. */
export class CredentialGrant extends Model {
  static override tableName = 'credential_grants';

  declare id: string;
  declare organization_id: string;
  declare request_id: string;
  declare principal_id: string;
  declare token_hash: string;
  declare created_at: Date;
  declare expires_at: Date;
  declare used_at: Date | null;

  /**
   * Uses a grant up, until the transaction is rolled back. While another call uses it, it counts as
   * used: nobody waits for anybody.
   *
   * @returns false where the holder has no such grant, not any more, or not now
   */
  static async use(
    trx: Transaction,
    holder: GrantHolder & { token_hash: string },
    now: Date,
  ): Promise<boolean> {
    const free = CredentialGrant.query(trx)
      .select('id')
      .where({ ...holder, used_at: null })
      .where('expires_at', '>', now)
      .forUpdate()
      .skipLocked();
    const used = await CredentialGrant.query(trx)
      .patch({ used_at: now })
      .where({ organization_id: holder.organization_id })
      .whereIn('id', free);
    return used === 1;
  }

  /** Removes what ended long ago, of one request. */
  static async prune(
    trx: Transaction,
    request: { organization_id: string; id: string },
    before: Date,
  ): Promise<void> {
    await CredentialGrant.query(trx)
      .delete()
      .where({ organization_id: request.organization_id, request_id: request.id })
      .where('expires_at', '<', before);
  }
}
