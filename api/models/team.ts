import { Model, type QueryBuilder } from 'objection';
import type { Transaction } from '../db/transaction.ts';
import { TimestampedModel } from './timestamped-model.ts';

/** People who work together; projects can belong to them. */
export class Team extends TimestampedModel {
  static override tableName = 'teams';
  static readonly columns = [
    'id',
    'organization_id',
    'name',
    'description',
    'created_at',
    'updated_at',
  ];

  declare id: string;
  declare organization_id: string;
  declare name: string;
  declare description: string | null;

  /** The teams of an organisation. */
  static of(trx: Transaction, organizationId: string): QueryBuilder<Team, Team[]> {
    return Team.query(trx).select(Team.columns).where('organization_id', organizationId);
  }

  /** One team, or undefined. */
  static async find(
    trx: Transaction,
    organizationId: string,
    id: string,
  ): Promise<Team | undefined> {
    return Team.of(trx, organizationId).findOne({ id });
  }

  /** One team, locked against changes until the transaction ends; or undefined. */
  static async lock(
    trx: Transaction,
    organizationId: string,
    id: string,
  ): Promise<Team | undefined> {
    return Team.of(trx, organizationId).findOne({ id }).forUpdate();
  }

  /** The teams that a person is in. */
  static ofUser(
    trx: Transaction,
    organizationId: string,
    userId: string,
  ): QueryBuilder<Team, Team[]> {
    const own = TeamMember.query(trx)
      .select('team_id')
      .where({ organization_id: organizationId, user_id: userId });
    return Team.of(trx, organizationId).whereIn('id', own);
  }

  /** The team that a person has been in for longest, or undefined. */
  static async firstOfUser(
    trx: Transaction,
    organizationId: string,
    userId: string,
  ): Promise<Team | undefined> {
    return Team.query(trx)
      .select(Team.columns.map((column) => `teams.${column}`))
      .join('team_members', (join) => {
        void join
          .on('team_members.organization_id', 'teams.organization_id')
          .andOn('team_members.team_id', 'teams.id');
      })
      .where({ 'teams.organization_id': organizationId, 'team_members.user_id': userId })
      .orderBy(['team_members.created_at', 'teams.id'])
      .first();
  }
}

/** A person in a team. */
export class TeamMember extends Model {
  static override tableName = 'team_members';
  static override idColumn = ['organization_id', 'team_id', 'user_id'];

  declare organization_id: string;
  declare team_id: string;
  declare user_id: string;
  declare created_at: Date;
}
