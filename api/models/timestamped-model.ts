import { Model } from 'objection';

/** A row that knows when it was made (by the database) and when it was last changed (here). */
export abstract class TimestampedModel extends Model {
  declare created_at: Date;
  declare updated_at: Date;

  /** Called by objection before every patch and update. */
  override $beforeUpdate(): void {
    this.updated_at = new Date();
  }
}
