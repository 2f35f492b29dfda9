import { Model, type QueryBuilder } from 'objection';
import type { Transaction } from '../db/transaction.ts';

/** A run of Terraform for a request, copied from Kubernetes. */
export class Run extends Model {
  static override tableName = 'runs';

  declare id: string;
  declare organization_id: string;
  declare request_id: string;
  declare name: string;
  declare action: string;
  declare attempt: number;
  declare status: 'pending' | 'running' | 'succeeded' | 'failed';
  declare changes: { add: number; change: number; destroy: number } | null;
  declare failure: { type: string; message: string } | null;
  declare started_at: Date | null;
  declare finished_at: Date | null;
  declare created_at: Date;

  /** The runs of a request. */
  static of(
    trx: Transaction,
    request: { organization_id: string; id: string },
  ): QueryBuilder<Run, Run[]> {
    return Run.query(trx).where({
      organization_id: request.organization_id,
      request_id: request.id,
    });
  }
}
