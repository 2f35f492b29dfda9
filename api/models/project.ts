import type { QueryBuilder } from 'objection';
import type { Transaction } from '../db/transaction.ts';
import { TimestampedModel } from './timestamped-model.ts';

/** A project: where an organisation's resources live; one namespace each. */
export class Project extends TimestampedModel {
  static override tableName = 'projects';
  static readonly columns = [
    'id',
    'organization_id',
    'name',
    'slug',
    'namespace',
    'team_id',
    'created_at',
    'updated_at',
  ];

  declare id: string;
  declare organization_id: string;
  declare name: string;
  declare slug: string;
  declare namespace: string;
  /** The team that it belongs to; its people are members of the project. */
  declare team_id: string | null;
  declare deleted_at: Date | null;

  /** The projects of an organisation that are not deleted. */
  static live(trx: Transaction, organizationId: string): QueryBuilder<Project, Project[]> {
    return Project.query(trx)
      .select(Project.columns)
      .where({ organization_id: organizationId, deleted_at: null });
  }

  /** One live project, or undefined. */
  static async findLive(
    trx: Transaction,
    organizationId: string,
    id: string,
  ): Promise<Project | undefined> {
    return Project.live(trx, organizationId).findOne({ id });
  }

  /** One live project, locked against changes until the transaction ends; or undefined. */
  static async lockLive(
    trx: Transaction,
    organizationId: string,
    id: string,
  ): Promise<Project | undefined> {
    return Project.live(trx, organizationId).findOne({ id }).forUpdate();
  }
}
