import { v7 as uuid } from 'uuid';
import { findCondition, RUN_CONDITION } from '../../../crds/condition.ts';
import { isAheadOfResource, readPlanOrder } from '../../../crds/plan-order.ts';
import { resourceRunSchema, type ResourceRun } from '../../../crds/resource-run.ts';
import { QuartermasterError } from '../../../lib/errors.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { Database } from '../../db/database.ts';
import type { Transaction } from '../../db/transaction.ts';
import type { PlanMirror } from '../plans/plan-mirror.ts';

/** Status of a run as the API shows it. */
export type RunStatus = 'pending' | 'running' | 'succeeded' | 'failed';

/** A run whose request is not known yet; it may be a moment later. */
class RequestUnknownError extends QuartermasterError {
  readonly code = 'REQUEST_UNKNOWN';
}

/** For so long a run may wait for its request to be known; after that it is not one of ours. */
const GRACE_MS = 60_000;

/** What the mirror of runs works with. */
export interface RunMirrorDependencies {
  database: Database;
  /** The cache of an informer. */
  runs: { get(key: string): unknown };
  /** Takes the plans that were made. */
  plans: Pick<PlanMirror, 'followRun'>;
  clock: Clock;
}

/** How far a run is, by its one condition. */
export function runStatus(run: ResourceRun): RunStatus {
  const condition = findCondition(run.status?.conditions, RUN_CONDITION);
  if (condition?.status === 'True') return 'succeeded';
  if (condition?.status === 'False') return 'failed';
  return run.status?.startedAt === undefined ? 'pending' : 'running';
}

/** Keeps the history of runs, also after the resources of the runs are gone. */
export class RunMirror {
  readonly #dependencies: RunMirrorDependencies;

  constructor(dependencies: RunMirrorDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Looks at one run again; writes only what is different.
   *
   * @param key `<namespace>/<name>`
   * @throws {RequestUnknownError} when it may be known later
   */
  async mirror(key: string): Promise<void> {
    const parsed = resourceRunSchema.safeParse(this.#dependencies.runs.get(key));
    if (!parsed.success) return;
    const run = parsed.data;
    await this.#dependencies.database.withSystem('mirror: run', async (trx) => {
      const request = await findRequestOf(trx, run);
      if (request) await trx.raw(UPSERT, runBindings(run, request));
      else if (this.#isYoung(run)) throw new RequestUnknownError(`the request of ${key}`);
    });
    await this.#dependencies.plans.followRun(run);
  }

  #isYoung(run: ResourceRun): boolean {
    const created = Date.parse(run.metadata.creationTimestamp ?? '');
    return this.#dependencies.clock.now().getTime() - created < GRACE_MS;
  }
}

interface RequestOfRun {
  id: string;
  organization_id: string;
}

async function findRequestOf(
  trx: Transaction,
  run: ResourceRun,
): Promise<RequestOfRun | undefined> {
  const { namespace, name, uid } = run.spec.requestRef;
  const ordered = isAheadOfResource(run) ? readPlanOrder(run)?.requestId : undefined;
  const key =
    ordered === undefined
      ? { resource_namespace: namespace, resource_name: name, resource_uid: uid }
      : { id: ordered };
  const row: unknown = await trx('resource_requests').where(key).first('id', 'organization_id');
  return row as RequestOfRun | undefined;
}

function runBindings(
  run: ResourceRun,
  request: RequestOfRun,
): Record<string, string | number | null> {
  const { changes, failure, startedAt, finishedAt } = run.status ?? {};
  return {
    id: uuid(),
    organization: request.organization_id,
    request: request.id,
    name: run.metadata.name,
    uid: run.metadata.uid ?? '',
    action: run.spec.action,
    attempt: run.spec.attempt,
    status: runStatus(run),
    changes: changes ? JSON.stringify(changes) : null,
    failure: failure ? JSON.stringify({ type: failure.type, message: failure.message }) : null,
    started: startedAt ?? null,
    finished: finishedAt ?? null,
    created: run.metadata.creationTimestamp ?? null,
  };
}

const UPSERT = `
  insert into runs as known (id, organization_id, request_id, name, uid, action, attempt, status,
    changes, failure, started_at, finished_at, created_at)
  values (:id, :organization, :request, :name, :uid, :action, :attempt, :status,
    :changes, :failure, :started, :finished, coalesce(:created, now()))
  on conflict (organization_id, uid) do update
  set status = excluded.status, changes = excluded.changes, failure = excluded.failure,
    started_at = excluded.started_at, finished_at = excluded.finished_at, updated_at = now()
  where (known.status, known.changes, known.failure, known.started_at, known.finished_at)
    is distinct from (excluded.status, excluded.changes, excluded.failure, excluded.started_at,
      excluded.finished_at)
`;
