import { findCondition } from '../../../crds/condition.ts';
import { readPlanOrder } from '../../../crds/plan-order.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import type { ResourceRun } from '../../../crds/resource-run.ts';
import type { RunPlan } from '../../../crds/run-plan.ts';
import { canonicalJson } from '../../../lib/canonical-json.ts';
import type { Database } from '../../db/database.ts';
import { runStatus } from '../mirror/run-mirror.ts';
import type { PlanServices } from './approve-by-bounds.ts';
import { askAboutDeletion } from './ask-about-deletion.ts';
import { isOrdered } from './judge-planned-row.ts';
import type { PlanReader } from './plan-reader.ts';
import { findPlannedRow, type PlannedRow } from './planned-row.ts';
import { recordPlan, type IsCurrent, type PlanOutcome } from './record-plan.ts';
import { reopenOutdated } from './reopen-outdated.ts';
import { isAnswered, withdrawAnswered } from './withdraw-answered.ts';

/** What the mirror of plans works with. */
export interface PlanMirrorDependencies extends PlanServices {
  database: Database;
  readPlan: PlanReader;
}

/** For a run that succeeded and left nothing to show. */
const LOST = { type: 'Internal', message: 'The plan was made and cannot be read.' };

/** Copies plans to the revisions that wait for a decision. */
export class PlanMirror {
  readonly #dependencies: PlanMirrorDependencies;

  constructor(dependencies: PlanMirrorDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Looks at a run that the api ordered; every other run is left alone.
   *
   * @throws {KubernetesApiError} when its plan cannot be read now
   */
  async followRun(run: ResourceRun): Promise<void> {
    const order = readPlanOrder(run);
    const status = runStatus(run);
    if (!order || status === 'pending' || status === 'running') return;
    const isCurrent: IsCurrent = (row) =>
      row.plan_status === 'planning' &&
      row.revision === order.revision &&
      row.plan_attempt === run.spec.attempt;
    const row = await this.#find(order.requestId);
    if (!row || !isCurrent(row)) return;
    await this.#record(order.requestId, await this.#outcomeOf(run, status), isCurrent);
  }

  /**
   * Looks at the plan that the operator made of a resource in the cluster: of one that was made
   * there, or of one whose approval is not for what would be done any more.
   *
   * @param requestId whose resource it is
   */
  async followResource(requestId: string, resource: ResourceRequest): Promise<void> {
    const { metadata, status } = resource;
    if (status?.observedGeneration !== metadata.generation) return;
    const { database, classes } = this.#dependencies;
    await database.withSystem('mirror: approval outdated', (trx) =>
      metadata.deletionTimestamp === undefined
        ? reopenOutdated(trx, requestId, resource)
        : askAboutDeletion(trx, classes, { requestId, resource }),
    );
    const row = await this.#find(requestId);
    if (!row || !isAbout(resource, row)) return;
    if (isAnswered(resource, row)) {
      return database.withSystem('mirror: nothing to ask', (trx) =>
        withdrawAnswered(trx, requestId, resource),
      );
    }
    const outcome = await this.#outcomeOfResource(resource, row);
    if (outcome) await this.#record(requestId, outcome, (now) => isAbout(resource, now));
  }

  #find(requestId: string): Promise<PlannedRow | undefined> {
    const { database } = this.#dependencies;
    return database.withSystem('mirror: plan', (trx) => findPlannedRow(trx, requestId));
  }

  async #outcomeOf(run: ResourceRun, status: 'succeeded' | 'failed'): Promise<PlanOutcome> {
    const name = run.metadata.name;
    if (status === 'failed') {
      const { type = LOST.type, message = 'The plan failed.' } = run.status?.failure ?? {};
      return { kind: 'failed', run: name, failure: { type, message } };
    }
    const plan = await this.#read(name, run.status?.planDigest);
    return plan ? { kind: 'ready', run: name, plan } : { kind: 'failed', run: name, failure: LOST };
  }

  async #outcomeOfResource(
    { status }: ResourceRequest,
    row: PlannedRow,
  ): Promise<PlanOutcome | undefined> {
    const shown = status?.plan;
    if (shown === undefined) return failureOf(status);
    if (row.plan_status === 'ready' && row.plan_digest === shown.digest) return undefined;
    const plan = await this.#read(shown.run, shown.digest);
    return plan && { kind: 'ready', run: shown.run, plan };
  }

  async #read(run: string, digest: string | undefined): Promise<RunPlan | undefined> {
    const plan = await this.#dependencies.readPlan(run);
    return plan?.planDigest === digest ? plan : undefined;
  }

  async #record(requestId: string, outcome: PlanOutcome, isCurrent: IsCurrent): Promise<void> {
    const { database } = this.#dependencies;
    await database.withSystem('mirror: plan made', (trx) =>
      recordPlan(trx, this.#dependencies, { ...outcome, requestId }, isCurrent),
    );
  }
}

/**
 * Whether what a resource says about plans is about the revision that waits: it asks for the same,
 * and the api did not order a plan of its own.
 */
function isAbout({ metadata, spec }: ResourceRequest, row: PlannedRow): boolean {
  return (
    !isOrdered(row) &&
    row.plan_status !== null &&
    row.deletes === (metadata.deletionTimestamp !== undefined) &&
    row.resource_uid === metadata.uid &&
    (spec.deletionPolicy ?? null) === row.deletion_policy &&
    canonicalJson(spec.parameters ?? {}) === canonicalJson(row.parameters)
  );
}

/** What the operator says about a plan that it could not make. */
function failureOf(status: ResourceRequest['status']): PlanOutcome | undefined {
  const ready = findCondition(status?.conditions, 'Ready');
  if (ready?.reason !== 'PlanFailed') return undefined;
  const { type = LOST.type, message = ready.message } = status?.failure ?? {};
  return { kind: 'failed', run: null, failure: { type, message } };
}
