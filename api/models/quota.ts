import type { Transaction } from '../db/transaction.ts';
import { TimestampedModel } from './timestamped-model.ts';

/** How much an organisation, or one of its projects, may ask for. */
export class Quota extends TimestampedModel {
  static override tableName = 'quotas';
  static override jsonAttributes = ['classes'];

  declare id: string;
  declare organization_id: string;
  /** Null: of the organisation as a whole. */
  declare project_id: string | null;
  declare requests: number | null;
  declare classes: Record<string, number>;
  /** A decimal, as the driver gives it. */
  declare monthly_cost: string | null;
  declare currency: string | null;

  /**
   * The quotas that hold in a project, locked until the transaction ends: who asks for something
   * under the same quota waits, and counts what was made meanwhile. Without a quota nobody waits.
   */
  static async lockFor(
    trx: Transaction,
    key: { organization_id: string; project_id: string },
  ): Promise<Quota[]> {
    return Quota.query(trx)
      .where('organization_id', key.organization_id)
      .where((scope) => {
        void scope.where('project_id', key.project_id).orWhereNull('project_id');
      })
      .orderBy('id')
      .forUpdate();
  }
}
