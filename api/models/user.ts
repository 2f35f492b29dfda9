import { Model } from 'objection';

/** A person. The password hash stands in no column list: only sign-in asks for it. */
export class User extends Model {
  static override tableName = 'users';
  static readonly columns = [
    'id',
    'email',
    'name',
    'is_admin',
    'token_version',
    'created_at',
    'updated_at',
  ];

  declare id: string;
  declare email: string;
  declare name: string | null;
  declare is_admin: boolean;
  declare token_version: number;
  declare created_at: Date;
  declare updated_at: Date;
}
