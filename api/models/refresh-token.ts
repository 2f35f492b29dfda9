import { Model } from 'objection';

/** A refresh token, by its hash; only the system role reads it. */
export class RefreshToken extends Model {
  static override tableName = 'refresh_tokens';
  static readonly columns = [
    'id',
    'family_id',
    'user_id',
    'organization_id',
    'expires_at',
    'used_at',
    'revoked_at',
  ];

  declare id: string;
  declare family_id: string;
  declare user_id: string;
  declare organization_id: string | null;
  declare token_hash: string;
  declare expires_at: Date;
  declare used_at: Date | null;
  declare revoked_at: Date | null;
}
