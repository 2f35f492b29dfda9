import type { QueryBuilder } from 'objection';
import type { Transaction } from '../db/transaction.ts';
import { Membership } from './membership.ts';
import { TeamMember } from './team.ts';
import { ProjectMember } from './project-member.ts';

/** A membership together with who the person is. */
export class Member extends Membership {
  declare email: string;
  declare name: string | null;

  /** The members of an organisation. */
  static of(trx: Transaction, organizationId: string): QueryBuilder<Member, Member[]> {
    return Member.query(trx)
      .join('users', 'users.id', 'memberships.user_id')
      .select(
        ...Membership.columns.map((column) => `memberships.${column}`),
        'users.email',
        'users.name',
      )
      .where('memberships.organization_id', organizationId);
  }

  /** The members of an organisation that are in one of its projects. */
  static ofProject(
    trx: Transaction,
    organizationId: string,
    projectId: string,
  ): QueryBuilder<Member, Member[]> {
    const key = { organization_id: organizationId, project_id: projectId };
    return Member.of(trx, organizationId).whereIn(
      'memberships.user_id',
      ProjectMember.idsOf(trx, key),
    );
  }

  /** The members of an organisation that are in one of its teams. */
  static ofTeam(
    trx: Transaction,
    organizationId: string,
    teamId: string,
  ): QueryBuilder<Member, Member[]> {
    const inTeam = TeamMember.query(trx)
      .select('user_id')
      .where({ organization_id: organizationId, team_id: teamId });
    return Member.of(trx, organizationId).whereIn('memberships.user_id', inTeam);
  }
}
