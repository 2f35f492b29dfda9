import { inputsDigest } from '../../../crds/approval.ts';
import type { RunPlan } from '../../../crds/run-plan.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { ApprovalSigner } from '../../approvals/approval-signer.ts';
import { approveRevision } from '../../commands/approve-revision.ts';
import type { Transaction } from '../../db/transaction.ts';
import { isInsideBounds } from '../../policies/judge-plan-bounds.ts';
import type { ClassCatalogue } from '../classes/class-catalogue.ts';
import type { OfferedClass } from '../classes/offered-class.ts';
import { recordPlatformDeed } from '../record-platform-deed.ts';
import { namespaceOf, type PlannedRow } from './planned-row.ts';

/** What the platform decides about plans with. */
export interface PlanServices {
  classes: ClassCatalogue;
  approvals: ApprovalSigner;
  clock: Clock;
}

/** A plan that was made, and whose it is. */
export interface BoundedRevision {
  row: PlannedRow;
  plan: RunPlan;
  offered: OfferedClass;
}

/** Stands in the record, and in the status of the resource. */
const PLATFORM = { id: null, email: 'platform' };
const COMMENT = 'Approved by the platform: the plan is inside the bounds of the class.';

/**
 * Approves a plan in the name of the platform, where the class sets bounds and the plan is inside
 * them. A plan of other inputs than those of now is nobody's to approve.
 *
 * @returns whether it did
 */
export async function approveByBounds(
  trx: Transaction,
  services: PlanServices,
  { row, plan, offered }: BoundedRevision,
): Promise<boolean> {
  const isFirst = row.status === 'pending';
  if (!isInsideBounds(offered.spec, plan, isFirst)) return false;
  if (plan.inputsDigest !== digestOfInputs(row, offered)) return false;
  await approveRevision(
    { trx, services },
    {
      ...{ request: row, namespace: namespaceOf(row), revision: row.revision },
      ...{ parameters: row.parameters, reason: row.reason, offered, comment: COMMENT },
      ...{ deletionPolicy: row.deletion_policy ?? undefined, plan: plan.planDigest },
    },
    { approver: PLATFORM, approvals: [] },
  );
  await recordApproval(trx, row, plan, offered);
  return true;
}

function digestOfInputs(row: PlannedRow, { digest }: OfferedClass): string {
  return inputsDigest({
    ...{ classDigest: digest, namespace: namespaceOf(row), name: row.name },
    parameters: row.parameters,
    deletionPolicy: row.deletion_policy ?? undefined,
  });
}

async function recordApproval(
  trx: Transaction,
  row: PlannedRow,
  plan: RunPlan,
  offered: OfferedClass,
): Promise<void> {
  const { revision } = row;
  await recordPlatformDeed(trx, row, {
    ...{ event: 'approved', action: 'approve', message: COMMENT },
    details: {
      ...{ revision, class_digest: offered.digest, plan: plan.planDigest, by: 'platform' },
      bounds: offered.spec.approval.autoApprove,
    },
    change: { before: { status: row.status }, after: { status: 'approved', revision } },
  });
}
