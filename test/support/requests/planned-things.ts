import path from 'node:path';
import { expect } from 'chai';
import { PlanSweep } from '../../../api/sync/plans/plan-sweep.ts';
import type { ResourceClassSpec } from '../../../crds/resource-class.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import type { ResourceRun } from '../../../crds/resource-run.ts';
import { RESOURCE_REQUESTS, RESOURCE_RUNS } from '../../../crds/resource-types.ts';
import type { ConfigMap } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { buildTeam, type Team } from '../api/people.ts';
import type { Answer } from '../api/test-client.ts';
import { eventually } from '../eventually.ts';
import { useTestCluster } from '../kube/test-cluster.ts';
import { databaseClass, OperatorWorld } from '../operator/operator-world.ts';
import { RealPods } from '../pods/real-pods.ts';
import { REQUESTS, type Shown } from './requests.ts';
import { startSyncedApi, type SyncedApi } from './synced-api.ts';

/** How long a run of the real engine may take on a busy machine. */
export const PATIENCE_MS = 90_000;

/** What a request for a thing may say. */
export const COLOR: object = { type: 'string', maxLength: 20, default: 'blue' };

/** A plan as the api shows it. */
export interface ShownPlan {
  status: string;
  digest: string;
  changes: object;
  failure: { type: string; message: string } | null;
  revision: number;
  run: string;
  text: string;
}

/** A request with its plan. */
export type WithPlan = Shown & { plan: ShownPlan | null; reason: string | null };

/**
 * Requests for things, each one ConfigMap, by way of a real api, operator and engine; only the
 * kubelet is played. Started and ended with the tests around it.
 */
export class PlannedThings {
  world!: OperatorWorld;
  api!: SyncedApi;
  team!: Team;
  readonly #pods = new RealPods();

  async start(cluster: ReturnType<typeof useTestCluster>): Promise<void> {
    this.world = await OperatorWorld.prepare(cluster);
    this.api = await startSyncedApi(cluster, this.world.namespaces);
    this.team = await buildTeam(this.api);
    await this.world.startOperator();
    await this.#pods.start(cluster, this.world);
  }

  async stop(): Promise<void> {
    await this.#pods.stop();
    await this.world.stop();
    await this.api.close();
  }

  /** Offers a class whose requests make one ConfigMap of the name `<request>-thing`. */
  async createClass(
    name: string,
    approval: object,
    color = COLOR,
    rest: Partial<ResourceClassSpec> = {},
  ): Promise<string> {
    const source = path.resolve(import.meta.dirname, '../modules/kubernetes-color');
    const created = await this.world.createClass(name, {
      ...databaseClass,
      module: { source },
      parameters: {
        type: 'object',
        additionalProperties: false,
        properties: { color },
      },
      variables: { namespace: '${request.namespace}', name: '${request.name}' },
      outputs: {},
      binding: undefined,
      approval,
      ...rest,
    });
    await eventually(() => {
      if (!this.api.sync.classes.find(created.metadata.name)) throw new Error('not offered yet');
    });
    return created.metadata.name;
  }

  /** As a developer of the team. */
  async make(name: string, className: string, parameters: object = {}): Promise<WithPlan> {
    const body = { project_id: this.team.projectId, class_name: className, name, parameters };
    return (await this.team.developer.client.post<WithPlan>(REQUESTS, body)).body;
  }

  async show(id: string): Promise<WithPlan> {
    return (await this.team.readOnly.client.get<WithPlan>(`${REQUESTS}/${id}`)).body;
  }

  /** Waits for a plan that can be approved, other than one that is known. */
  planReady(id: string, unlike?: string): Promise<Answer<ShownPlan>> {
    return eventually(async () => {
      const answer = await this.team.approver.client.get<ShownPlan>(`${REQUESTS}/${id}/plan`);
      const { status, digest } = answer.body;
      if (status === 'ready' && digest !== unlike) return answer;
      const problems = this.world.problems();
      throw new Error(JSON.stringify([answer.body, await this.show(id), problems], null, 1));
    }, PATIENCE_MS);
  }

  async approvePlan(id: string, plan: Answer<ShownPlan>): Promise<void> {
    const headers = { 'if-match': plan.headers.get('etag') ?? '' };
    const { client } = this.team.approver;
    const answer = await client.post(`${REQUESTS}/${id}/approve`, {}, { headers });
    expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
  }

  /** Waits until a request has a status. */
  becomes(id: string, status: string): Promise<WithPlan> {
    return eventually(async () => {
      const shown = await this.show(id);
      const problems = JSON.stringify([shown, this.world.problems()], null, 1);
      expect(shown.status, problems).to.equal(status);
      return shown;
    }, PATIENCE_MS);
  }

  findThing(name: string): Promise<ConfigMap | undefined> {
    return this.world.client.get<ConfigMap>(RESOURCE_TYPES.configMaps, {
      ...{ namespace: this.team.namespace, name: `${name}-thing` },
    });
  }

  async runsOf(name: string, action: string): Promise<ResourceRun[]> {
    return (await this.world.runs(name)).filter(({ spec }) => spec.action === action);
  }

  findResource(name: string): Promise<ResourceRequest | undefined> {
    const { namespace } = this.team;
    return this.world.client.get<ResourceRequest>(RESOURCE_REQUESTS, { namespace, name });
  }

  /** As the sweep of plans does it a while from now, when every cache knows everything. */
  async sweep(): Promise<void> {
    const { database, log, classes } = this.api.deps;
    const { client, namespaces } = this.world;
    const clock = { now: () => new Date(Date.now() + 2 * 60_000) };
    const runs = await client.list<ResourceRun>(RESOURCE_RUNS, { namespace: namespaces.runs });
    await new PlanSweep({
      ...{ database, classes, clock, log, client, runs: { list: () => runs } },
      follow: () => Promise.resolve(),
    }).compare();
  }
}

/** Things for the tests of a suite, with a test cluster. */
export function usePlannedThings(): PlannedThings {
  const cluster = useTestCluster();
  const things = new PlannedThings();
  before('start the api, the operator and the stand-in for the kubelet', async function () {
    this.timeout(15 * 60_000);
    await things.start(cluster);
  });
  after(() => things.stop());
  return things;
}
