import { LABELS } from '../../../crds/constants.ts';
import type { ResourceRun } from '../../../crds/resource-run.ts';
import { RESOURCE_RUNS } from '../../../crds/resource-types.ts';
import { canonicalJson } from '../../../lib/canonical-json.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import { AlreadyExistsError } from '../../../lib/kube/errors.ts';
import { orderPlan } from '../../commands/order-plan.ts';
import type { Database } from '../../db/database.ts';
import type { ClassCatalogue } from '../classes/class-catalogue.ts';
import type { ProjectNamespaces } from '../relay/project-namespaces.ts';
import { ClassUncheckedError } from '../relay/relay-errors.ts';
import { admitDeletion } from './admit-deletion.ts';
import { buildDeletionPlan, findDestroyedWork } from './build-deletion-plan.ts';
import { buildPlanRun, type OrderedPlan, type PlannedRevision } from './build-plan-run.ts';
import { findPlannedRow, namespaceOf, type PlannedRow } from './planned-row.ts';
import { recordPlanRefused } from './record-plan.ts';

/** What the relay of plans works with. */
export interface PlanRelayDependencies {
  database: Database;
  client: KubeClient;
  classes: ClassCatalogue;
  namespaces: Pick<ProjectNamespaces, 'ensure'>;
  /** Where runs are. */
  runsNamespace: string;
}

const NOT_OFFERED = {
  type: 'Configuration',
  message: 'The class of this request is not offered any more.',
};

/** Has planned what waits for a decision: makes the Plan run that was ordered. */
export class PlanRelay {
  readonly #dependencies: PlanRelayDependencies;

  constructor(dependencies: PlanRelayDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Makes the run that the row of a request asks for now; none where nothing waits any more.
   *
   * @param requestId of the request
   * @throws {ClassUncheckedError} while the operator has not looked at the class
   * @throws {ForeignNamespaceError} {KubernetesApiError}
   */
  async carryOver(requestId: string): Promise<void> {
    const { database, runsNamespace } = this.#dependencies;
    const row = await database.withSystem('relay: plan', (trx) => findPlannedRow(trx, requestId));
    if (row?.plan_status !== 'planning') return;
    if (row.deletes) return this.#planDeletion(row);
    if (row.origin === 'cluster') return;
    if (!this.#dependencies.classes.find(row.class_name)) {
      return recordPlanRefused(database, row.id, NOT_OFFERED);
    }
    await this.#dependencies.namespaces.ensure({
      ...{ namespace: namespaceOf(row), projectSlug: row.project_slug },
      organizationSlug: row.organization_slug,
    });
    await this.#order(row, buildPlanRun(this.#describe(row), runsNamespace));
  }

  /** Of what is there, by the record of the run that made it; its class may be gone. */
  async #planDeletion(row: PlannedRow): Promise<void> {
    const { database, client, runsNamespace: namespace } = this.#dependencies;
    const { resource_uid: resourceUid } = row;
    if (resourceUid === null) return admitDeletion(database, row.id);
    const labelSelector = `${LABELS.requestUid}=${resourceUid}`;
    const runs = await client.list<ResourceRun>(RESOURCE_RUNS, { namespace, labelSelector });
    const made = findDestroyedWork(runs);
    if (made === undefined) return admitDeletion(database, row.id);
    await this.#order(row, buildDeletionPlan({ ...orderOf(row), resourceUid }, made, namespace));
  }

  async #order(row: PlannedRow, run: ResourceRun): Promise<void> {
    if (await this.#create(run)) return;
    // A run of this name that plans something else: what it is made from has changed in between.
    await this.#dependencies.database.withSystem('relay: plan anew', (trx) =>
      orderPlan(trx, row, row.revision),
    );
  }

  #describe(row: PlannedRow): PlannedRevision {
    const offered = this.#dependencies.classes.find(row.class_name);
    const { digest, revisionName } = offered?.status ?? {};
    if (!offered || digest !== offered.digest || revisionName === undefined) {
      throw new ClassUncheckedError(row.class_name);
    }
    return {
      ...orderOf(row),
      ...{ resourceUid: row.resource_uid },
      ...{ classDigest: offered.digest, classRevision: revisionName },
      ...{ parameters: row.parameters, deletionPolicy: row.deletion_policy },
    };
  }

  /** @returns false when another run has the name */
  async #create(run: ResourceRun): Promise<boolean> {
    const { client } = this.#dependencies;
    try {
      await client.create<ResourceRun>(RESOURCE_RUNS, run);
      return true;
    } catch (error) {
      if (!(error instanceof AlreadyExistsError)) throw error;
      const existing = await client.get<ResourceRun>(RESOURCE_RUNS, run.metadata);
      return existing === undefined || canonicalJson(existing.spec) === canonicalJson(run.spec);
    }
  }
}

function orderOf(row: PlannedRow): OrderedPlan {
  return {
    ...{ requestId: row.id, name: row.name, namespace: namespaceOf(row) },
    ...{ organizationSlug: row.organization_slug, projectSlug: row.project_slug },
    ...{ className: row.class_name, revision: row.revision, attempt: row.plan_attempt },
  };
}
