import { inputsDigest } from '../../crds/approval.ts';
import { wantsPreview } from '../../crds/preview.ts';
import { ConflictError } from '../errors.ts';
import type { ShownRequest } from '../models/shown-request.ts';
import type { OfferedClass } from '../sync/classes/offered-class.ts';

type PlannedRevision = Pick<
  ShownRequest,
  | 'name'
  | 'latest_parameters'
  | 'latest_deletion_policy'
  | 'latest_plan_status'
  | 'latest_plan_digest'
  | 'latest_plan_inputs_digest'
>;

/**
 * The digest of the plan that is to be approved; undefined where the class wants none.
 *
 * @throws {ConflictError} PLAN_NOT_READY, PLAN_FAILED or PLAN_OUTDATED where there is none to approve
 */
export function requirePlan(
  request: PlannedRevision,
  offered: OfferedClass,
  namespace: string,
): string | undefined {
  if (!wantsPreview(offered.spec)) return undefined;
  const inputs = inputsDigest({
    classDigest: offered.digest,
    namespace,
    name: request.name,
    parameters: request.latest_parameters,
    deletionPolicy: request.latest_deletion_policy ?? undefined,
  });
  return requireReadyPlan(request, inputs);
}

/**
 * The digest of the plan that is to be approved.
 *
 * @param inputs what it has to be made for; the class may have changed since
 * @throws {ConflictError} PLAN_NOT_READY, PLAN_FAILED or PLAN_OUTDATED where there is none to approve
 */
export function requireReadyPlan(
  request: Omit<PlannedRevision, 'name' | 'latest_parameters' | 'latest_deletion_policy'>,
  inputs: string,
): string | undefined {
  switch (request.latest_plan_status) {
    case 'failed':
      throw new ConflictError('The plan failed; see its error, and try again.', 'PLAN_FAILED');
    case 'outdated':
      throw outdated();
    case 'planning':
    case null:
      throw new ConflictError('The plan is not ready yet.', 'PLAN_NOT_READY');
    case 'ready':
      if (request.latest_plan_inputs_digest !== inputs) throw outdated();
      return request.latest_plan_digest ?? undefined;
  }
}

function outdated(): ConflictError {
  const message = 'The plan is not what would be done any more: a new one is needed.';
  return new ConflictError(message, 'PLAN_OUTDATED');
}
