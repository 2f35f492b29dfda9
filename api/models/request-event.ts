import { Model, type QueryBuilder } from 'objection';
import type { Transaction } from '../db/transaction.ts';

/** One entry in the history of a request. */
export class RequestEvent extends Model {
  static override tableName = 'request_events';

  declare id: string;
  declare organization_id: string;
  declare request_id: string;
  declare type: string;
  declare actor_id: string | null;
  declare message: string | null;
  declare details: Record<string, unknown>;
  declare created_at: Date;
  /** Of the joined user. */
  declare actor_email: string | null;

  /** The history of a request, with who did what. */
  static of(
    trx: Transaction,
    request: { organization_id: string; id: string },
  ): QueryBuilder<RequestEvent, RequestEvent[]> {
    return RequestEvent.query(trx)
      .select('request_events.*', 'actor.email as actor_email')
      .leftJoin('users as actor', 'actor.id', 'request_events.actor_id')
      .where('request_events.organization_id', request.organization_id)
      .where('request_events.request_id', request.id);
  }
}
