import { Model, type QueryBuilder } from 'objection';
import type { Transaction } from '../db/transaction.ts';

import { TeamMember } from './team.ts';

/** A person who may make requests in a project. */
export class ProjectMember extends Model {
  static override tableName = 'project_members';
  static override idColumn = ['organization_id', 'project_id', 'user_id'];
  static readonly columns = ['organization_id', 'project_id', 'user_id', 'created_at'];

  declare organization_id: string;
  declare project_id: string;
  declare user_id: string;
  declare created_at: Date;

  /** The members of a project, one by one, and as people of its team. */
  static idsOf(
    trx: Transaction,
    key: { organization_id: string; project_id: string },
  ): QueryBuilder<ProjectMember, ProjectMember[]> {
    const byTeam = TeamMember.query(trx)
      .select('team_members.user_id')
      .join('projects', (join) => {
        void join
          .on('projects.organization_id', 'team_members.organization_id')
          .andOn('projects.team_id', 'team_members.team_id');
      })
      .where({ 'projects.organization_id': key.organization_id, 'projects.id': key.project_id });
    return ProjectMember.query(trx).select('user_id').where(key).unionAll(byTeam);
  }

  /** Whether a user is a member of a project. */
  static async isMember(
    trx: Transaction,
    key: { organization_id: string; project_id: string; user_id: string },
  ): Promise<boolean> {
    const { user_id, ...project } = key;
    const members = ProjectMember.idsOf(trx, project).as('project_members');
    const found = await ProjectMember.query(trx)
      .select('user_id')
      .from(members)
      .findOne({ user_id });
    return found !== undefined;
  }
}
