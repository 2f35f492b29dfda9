import { createHash } from 'node:crypto';
import { createApprovalSigner } from '../../../api/approvals/approval-signer.ts';
import { approvalKey } from '../../../api/auth/key-set.ts';
import type { PlanServices } from '../../../api/sync/plans/approve-by-bounds.ts';
import {
  findPlannedRow,
  namespaceOf,
  type PlannedRow,
} from '../../../api/sync/plans/planned-row.ts';
import { recordPlan, type PlanOutcome } from '../../../api/sync/plans/record-plan.ts';
import { deletionDigest, inputsDigest } from '../../../crds/approval.ts';
import type { RunPlan } from '../../../crds/run-plan.ts';
import type { TestApi } from '../api/test-api.ts';

/** A plan that makes one database and replaces a cache, with a secret and an unknown value. */
export const RESOURCES: RunPlan['resources'] = [
  {
    address: 'module.resource.database.main',
    type: 'database',
    action: 'create',
    attributes: [
      { path: 'size', after: { json: '2' } },
      { path: 'password', after: { hidden: 'sensitive' } },
      { path: 'id', after: { hidden: 'known after apply' } },
    ],
    attributesOmitted: 0,
  },
  {
    address: 'module.resource.cache.old',
    type: 'cache',
    action: 'replace',
    reason: 'replace_because_cannot_update',
    attributes: [
      { path: 'zone', before: { json: '"a"' }, after: { json: '"b"' }, forcesReplacement: true },
    ],
    attributesOmitted: 3,
  },
];

/** What the mirror of plans works with, for an api of a test. */
export function planServices({ deps }: TestApi): PlanServices {
  const approvals = createApprovalSigner(() => approvalKey(deps.keys));
  return { classes: deps.classes, clock: deps.clock, approvals };
}

/** The revision of a request that waits. */
export async function waitingRevision(api: TestApi, id: string): Promise<PlannedRow> {
  const row = await api.deps.database.withSystem('test', (trx) => findPlannedRow(trx, id));
  if (!row) throw new Error('nothing waits');
  return row;
}

/** A plan of what a request asks for now. */
export async function planOf(
  api: TestApi,
  id: string,
  changes: Partial<RunPlan> = {},
): Promise<RunPlan> {
  const row = await waitingRevision(api, id);
  const seed = JSON.stringify([id, row.revision, row.plan_attempt]);
  return {
    planDigest: `sha256:${createHash('sha256').update(seed).digest('hex')}`,
    inputsDigest: inputsOf(api, row),
    ...{ classRevision: 'class-1', stateVersion: 0, providersDigest: 'sha256:0' },
    ...{ resources: RESOURCES, resourcesOmitted: 0, text: 'Plan: 2 to add, 1 to destroy.' },
    changes: { add: 2, change: 0, destroy: 1 },
    createdAt: new Date().toISOString(),
    ...changes,
  };
}

/** What a plan of what waits is made for. */
function inputsOf({ deps }: TestApi, row: PlannedRow): string {
  const { name, parameters } = row;
  const namespace = namespaceOf(row);
  if (row.deletes) return deletionDigest({ namespace, name, uid: row.resource_uid ?? '' });
  return inputsDigest({
    classDigest: deps.classes.find(row.class_name)?.digest ?? '',
    ...{ namespace, name, parameters, deletionPolicy: undefined },
  });
}

/** Writes down what became of the plan of what waits, as the mirror does. */
export async function finishPlan(
  api: TestApi,
  id: string,
  outcome: Partial<RunPlan> | { failure: { type: string; message: string } } = {},
): Promise<RunPlan | undefined> {
  const isFailed = 'failure' in outcome;
  const plan = isFailed ? undefined : await planOf(api, id, outcome);
  const result: PlanOutcome =
    isFailed || !plan
      ? { kind: 'failed', run: 'run-1', failure: (outcome as { failure: never }).failure }
      : { kind: 'ready', run: 'run-1', plan };
  await api.deps.database.withSystem('test', (trx) =>
    recordPlan(trx, planServices(api), { ...result, requestId: id }, () => true),
  );
  return plan;
}
