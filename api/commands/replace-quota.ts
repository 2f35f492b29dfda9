import { v7 as uuid } from 'uuid';
import { recordAudit } from '../db/audit.ts';
import { ValidationFailedError } from '../errors.ts';
import { Project } from '../models/project.ts';
import { Quota } from '../models/quota.ts';
import { presentQuota } from '../presenters/present-quota.ts';
import type { CommandContext } from './command-context.ts';

/** The limits of an organisation or a project. */
export interface QuotaProps {
  project_id: string | null;
  requests: number | null;
  classes: Record<string, number>;
  monthly_cost: number | null;
  currency: string | null;
}

/**
 * Says how much may be asked for. What is there already stays, also where it is more.
 *
 * @throws {ValidationFailedError} when the organisation has no such project
 */
export async function replaceQuota(
  { trx, actor, request }: CommandContext,
  props: QuotaProps,
): Promise<Quota> {
  const { organizationId } = actor.membership;
  const { project_id: projectId } = props;
  if (projectId !== null && !(await Project.findLive(trx, organizationId, projectId))) {
    const message = 'The organisation has no such project.';
    throw new ValidationFailedError([{ pointer: '/project_id', message }]);
  }
  const before = await Quota.query(trx)
    .findOne({ organization_id: organizationId, project_id: projectId })
    .forUpdate();
  const limits = { ...props, monthly_cost: props.monthly_cost?.toFixed(2) ?? null };
  const quota = await Quota.query(trx)
    .insert({ id: uuid(), organization_id: organizationId, ...limits, updated_at: new Date() })
    .onConflict(['organization_id', 'project_id'])
    .merge(['requests', 'classes', 'monthly_cost', 'currency', 'updated_at'])
    .returning('*');
  await recordAudit(trx, {
    ...{ organizationId, actor: actor.user, request },
    action: 'quota.update',
    target: { type: 'quota', id: projectId ?? organizationId },
    details: { ...props },
    change: { before: before ? presentQuota(before) : null, after: presentQuota(quota) },
  });
  return quota;
}
