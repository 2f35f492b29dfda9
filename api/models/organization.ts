import { Model } from 'objection';

/** An organisation: the tenant. */
export class Organization extends Model {
  static override tableName = 'organizations';
  static readonly columns = [
    'id',
    'name',
    'slug',
    'allow_self_approval',
    'created_at',
    'updated_at',
  ];

  declare id: string;
  declare name: string;
  declare slug: string;
  declare allow_self_approval: boolean;
  declare created_at: Date;
  declare updated_at: Date;
}
