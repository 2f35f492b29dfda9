import { readPlanOrder } from '../../../crds/plan-order.ts';
import type { ResourceRun } from '../../../crds/resource-run.ts';
import { RESOURCE_RUNS } from '../../../crds/resource-types.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { Logger } from '../../../lib/logger.ts';
import { orderPlan } from '../../commands/order-plan.ts';
import type { Database } from '../../db/database.ts';
import { enqueueOutbox } from '../../db/outbox.ts';
import type { Transaction } from '../../db/transaction.ts';
import type { ClassCatalogue } from '../classes/class-catalogue.ts';
import { planRunName } from './build-plan-run.ts';
import { listDecidedPlans, needsRun } from './decided-plans.ts';
import { judgePlannedRow, type PlanStep } from './judge-planned-row.ts';
import { listPlannedRows, lockPlannedRow, type PlannedRow } from './planned-row.ts';
import { recordOutdatedPlan } from './record-plan.ts';

/** What the sweep of plans works with. */
export interface PlanSweepDependencies {
  database: Database;
  client: KubeClient;
  classes: ClassCatalogue;
  /** The cache of an informer; synced before anything is compared. */
  runs: { list(): ResourceRun[] };
  /** Looks at a run again whose end may have gone unnoticed. */
  follow: (run: ResourceRun) => Promise<void>;
  clock: Clock;
  log: Logger;
}

/**
 * The net under relay and mirror of plans: orders again what was lost or does not fit any more, and
 * deletes runs of plans that nobody will apply. What a run made goes with it.
 */
export class PlanSweep {
  readonly #dependencies: PlanSweepDependencies;

  constructor(dependencies: PlanSweepDependencies) {
    this.#dependencies = dependencies;
  }

  /** Compares once. */
  async compare(): Promise<void> {
    const runs = this.#dependencies.runs.list().filter((run) => readPlanOrder(run) !== undefined);
    for (const run of runs) await this.#dependencies.follow(run);
    const names = new Set(runs.map((run) => run.metadata.name));
    await this.#settleRows(names);
    await this.#deleteUnneeded(runs);
  }

  async #settleRows(names: ReadonlySet<string>): Promise<void> {
    const { database, log } = this.#dependencies;
    const rows = await database.withSystem('plans: compare', listPlannedRows);
    for (const { id, revision } of rows.filter((row) => isToDo(this.#judge(row, names)))) {
      log.info('a plan is looked after', { request: id, revision });
      await database.withSystem('plans: settle', async (trx) => {
        const row = await lockPlannedRow(trx, id);
        if (row?.revision === revision) await takeStep(trx, row, this.#judge(row, names));
      });
    }
  }

  #judge(row: PlannedRow, names: ReadonlySet<string>): PlanStep {
    const { classes, clock } = this.#dependencies;
    const offered = classes.find(row.class_name);
    const run = planRunName({ ...row, requestId: row.id, attempt: row.plan_attempt });
    return judgePlannedRow(row, { offered, hasRun: names.has(run), now: clock.now() });
  }

  async #deleteUnneeded(runs: readonly ResourceRun[]): Promise<void> {
    const { database, client, clock } = this.#dependencies;
    const ids = runs.map((run) => readPlanOrder(run)?.requestId ?? '');
    const plans = await database.withSystem('plans: what was decided', (trx) =>
      listDecidedPlans(trx, ids),
    );
    const all = this.#dependencies.runs.list();
    for (const run of runs) {
      if (needsRun(run, { plans, runs: all, now: clock.now() })) continue;
      await client.delete(RESOURCE_RUNS, run.metadata, { uid: run.metadata.uid });
    }
  }
}

function isToDo(step: PlanStep): boolean {
  return step.kind !== 'nothing';
}

async function takeStep(trx: Transaction, row: PlannedRow, step: PlanStep): Promise<void> {
  switch (step.kind) {
    case 'nothing':
      return;
    case 'order':
      return orderPlan(trx, row, row.revision);
    case 'remind':
      await enqueueOutbox(trx, {
        ...{ organizationId: row.organization_id, kind: 'plan', key: row.id, payload: {} },
      });
      await trx('request_revisions')
        .where({ organization_id: row.organization_id, request_id: row.id, status: 'pending' })
        .update({ plan_at: trx.fn.now() });
      return;
    case 'outdate':
      await recordOutdatedPlan(trx, row, step.message);
      if (step.anew) await orderPlan(trx, row, row.revision);
  }
}
