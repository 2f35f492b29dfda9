import { runTogether } from '../db/run-together.ts';
import { defineStatement, required } from '../db/statement.ts';
import type { Transaction } from '../db/transaction.ts';
import type { Project } from './project.ts';

/** A project as a place for a new request. */
export interface ProjectPlace {
  project: Pick<Project, 'id' | 'organization_id' | 'namespace'>;
  /** Whether the person is a member of it, by themselves or with its team. */
  isMember: boolean;
  /** Whether any quota holds there. */
  hasQuota: boolean;
}

const selectPlace = defineStatement(
  'project_place',
  `select id, organization_id, namespace,
    exists (
      select from project_members as members
      where members.organization_id = projects.organization_id
        and members.project_id = projects.id and members.user_id = $3
    ) or exists (
      select from team_members as members
      where members.organization_id = projects.organization_id
        and members.team_id = projects.team_id and members.user_id = $3
    ),
    exists (
      select from quotas
      where quotas.organization_id = projects.organization_id
        and (quotas.project_id = projects.id or quotas.project_id is null)
    )
  from projects
  where organization_id = $1 and id = $2 and deleted_at is null
  for share`,
);

/** Where a new request would be made; the project cannot be deleted until the transaction ends. */
export async function findPlace(
  trx: Transaction,
  key: { organization_id: string; project_id: string; user_id: string },
): Promise<ProjectPlace | undefined> {
  const statement = selectPlace(key.organization_id, key.project_id, key.user_id);
  const [[row] = []] = await runTogether(trx, [statement]);
  if (!row) return undefined;
  const [id, organizationId, namespace, isMember, hasQuota] = row;
  return {
    project: {
      id: required(id),
      organization_id: required(organizationId),
      namespace: required(namespace),
    },
    isMember: isMember === 't',
    hasQuota: hasQuota === 't',
  };
}
