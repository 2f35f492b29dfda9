import path from 'node:path';
import { expect } from 'chai';
import { PlanSweep } from '../../../api/sync/plans/plan-sweep.ts';
import { reopenOutdated } from '../../../api/sync/plans/reopen-outdated.ts';
import { inputsDigest } from '../../../crds/approval.ts';
import { findCondition } from '../../../crds/condition.ts';
import { ANNOTATIONS, API_VERSION } from '../../../crds/constants.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import type { ResourceRun } from '../../../crds/resource-run.ts';
import {
  RESOURCE_CLASSES,
  RESOURCE_REQUESTS,
  RESOURCE_RUNS,
} from '../../../crds/resource-types.ts';
import type { ConfigMap } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { buildTeam, type Team } from '../../support/api/people.ts';
import type { Answer } from '../../support/api/test-client.ts';
import { eventually } from '../../support/eventually.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';
import { databaseClass, OperatorWorld } from '../../support/operator/operator-world.ts';
import { JobPlayer } from '../../support/pods/job-player.ts';
import { PodPlayer } from '../../support/pods/pod-player.ts';
import { realRunner } from '../../support/pods/real-runner.ts';
import { REQUESTS, type Shown } from '../../support/requests/requests.ts';
import { startSyncedApi, type SyncedApi } from '../../support/requests/synced-api.ts';
import { findTofu } from '../../support/runs/find-tofu.ts';
import { createProviderMirror, type ProviderMirror } from '../../support/runs/provider-mirror.ts';

const PATIENCE_MS = 90_000;

const COLOR: object = { type: 'string', maxLength: 20, default: 'blue' };

interface ShownPlan {
  status: string;
  digest: string;
  changes: object;
  failure: { type: string; message: string } | null;
  revision: number;
  run: string;
  text: string;
}
type WithPlan = Shown & { plan: ShownPlan | null };

describe('plans by way of the api, with a real operator and engine', function () {
  this.timeout(3 * PATIENCE_MS);
  const cluster = useTestCluster();
  let world: OperatorWorld;
  let api: SyncedApi;
  let team: Team;
  let mirror: ProviderMirror;
  let pods: PodPlayer;
  let jobs: JobPlayer;
  let className: string;

  before('start the api, the operator and the stand-in for the kubelet', async function () {
    this.timeout(15 * 60_000);
    const tofu = await findTofu();
    mirror = await createProviderMirror();
    world = await OperatorWorld.prepare(cluster);
    api = await startSyncedApi(cluster, world.namespaces);
    team = await buildTeam(api);
    await world.startOperator();
    const place = { client: world.client, namespace: world.namespaces.runs };
    const environment = { ...mirror.environment, KUBE_CONFIG_PATH: cluster.kubeconfig };
    pods = new PodPlayer({ ...place, start: realRunner({ tofu, environment }) });
    jobs = new JobPlayer(place);
    await Promise.all([pods.start(), jobs.start()]);
    className = await createClass('colored', { preview: 'Required' });
  });
  after(async () => {
    await Promise.all([jobs.stop(), pods.stop()]);
    await world.stop();
    await api.close();
    mirror.remove();
  });

  /** A class whose requests make one ConfigMap of the name `thing`. */
  async function createClass(
    name: string,
    approval: object,
    color = COLOR,
    rest: object = {},
  ): Promise<string> {
    const source = path.resolve(import.meta.dirname, '../../support/modules/kubernetes-color');
    const created = await world.createClass(name, {
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
      if (!api.sync.classes.find(created.metadata.name)) throw new Error('not offered yet');
    });
    return created.metadata.name;
  }

  const make = async (name: string, parameters: object = {}): Promise<WithPlan> => {
    const body = { project_id: team.projectId, class_name: className, name, parameters };
    return (await team.developer.client.post<WithPlan>(REQUESTS, body)).body;
  };
  const show = async (id: string): Promise<WithPlan> =>
    (await team.readOnly.client.get<WithPlan>(`${REQUESTS}/${id}`)).body;
  const planReady = (id: string, unlike?: string): Promise<Answer<ShownPlan>> =>
    eventually(async () => {
      const answer = await team.approver.client.get<ShownPlan>(`${REQUESTS}/${id}/plan`);
      const { status, digest } = answer.body;
      if (status === 'ready' && digest !== unlike) return answer;
      throw new Error(JSON.stringify([answer.body, await show(id), world.problems()], null, 1));
    }, PATIENCE_MS);
  const approvePlan = async (id: string, plan: Answer<ShownPlan>): Promise<void> => {
    const headers = { 'if-match': plan.headers.get('etag') ?? '' };
    const answer = await team.approver.client.post(`${REQUESTS}/${id}/approve`, {}, { headers });
    expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
  };
  const becomes = (id: string, status: string): Promise<WithPlan> =>
    eventually(async () => {
      const shown = await show(id);
      const problems = JSON.stringify([shown, world.problems()], null, 1);
      expect(shown.status, problems).to.equal(status);
      return shown;
    }, PATIENCE_MS);
  const findThing = (name: string): Promise<ConfigMap | undefined> =>
    world.client.get<ConfigMap>(RESOURCE_TYPES.configMaps, {
      ...{ namespace: team.namespace, name: `${name}-thing` },
    });
  const runsOf = async (name: string, action: string): Promise<ResourceRun[]> =>
    (await world.runs(name)).filter(({ spec }) => spec.action === action);
  const findResource = (name: string): Promise<ResourceRequest | undefined> =>
    world.client.get<ResourceRequest>(RESOURCE_REQUESTS, { namespace: team.namespace, name });
  /** As the sweep does it a while from now, when every cache knows everything. */
  const sweep = async (): Promise<void> => {
    const { database, log, classes } = api.deps;
    const clock = { now: () => new Date(Date.now() + 2 * 60_000) };
    const runs = await world.client.list<ResourceRun>(RESOURCE_RUNS, {
      namespace: world.namespaces.runs,
    });
    await new PlanSweep({
      ...{ database, classes, clock, log, client: world.client, runs: { list: () => runs } },
      follow: () => Promise.resolve(),
    }).compare();
  };

  it('are made before there is a resource, and exactly that is applied when it is approved', async () => {
    const { id } = await make('fresh', { color: 'green' });
    const plan = await planReady(id);
    expect(plan.body.changes).to.deep.equal({ add: 1, change: 0, destroy: 0 });
    expect(plan.body.text).to.contain('kubectl_manifest.thing');
    expect(await findResource('fresh')).to.equal(undefined);
    const [run] = await runsOf('fresh', 'Plan');
    const { digest = '', revisionName } = api.sync.classes.find(className)?.status ?? {};
    expect(run?.spec).to.deep.include({
      requestRef: { namespace: team.namespace, name: 'fresh', uid: id },
      classRevision: revisionName,
      inputsDigest: inputsDigest({
        ...{ classDigest: digest, namespace: team.namespace, name: 'fresh' },
        ...{ parameters: { color: 'green' }, deletionPolicy: undefined },
      }),
    });
    await sweep();
    expect(await runsOf('fresh', 'Plan'), 'a plan that waits').to.have.length(1);
    await approvePlan(id, plan);
    await becomes(id, 'ready');
    expect((await findThing('fresh'))?.data).to.deep.equal({ color: 'green' });
    const applied = await runsOf('fresh', 'Apply');
    expect(applied.map(({ spec }) => spec.planDigest)).to.deep.equal([plan.body.digest]);
    await sweep();
    expect(await runsOf('fresh', 'Plan'), 'a plan that was applied').to.deep.equal([]);
  });

  it('of a change are made on what stands, and what moved meanwhile is asked about again', async () => {
    const { id } = await make('moved');
    await approvePlan(id, await planReady(id));
    await becomes(id, 'ready');
    await team.developer.client.patch(`${REQUESTS}/${id}`, { parameters: { color: 'red' } });
    const plan = await planReady(id);
    expect(plan.body).to.deep.include({ revision: 2, changes: { add: 0, change: 1, destroy: 0 } });
    await world.client.delete(RESOURCE_TYPES.configMaps, (await findThing('moved'))!.metadata);
    await approvePlan(id, plan);
    const again = await planReady(id, plan.body.digest);
    expect(again.body).to.deep.include({ revision: 3, changes: { add: 1, change: 0, destroy: 0 } });
    expect(await findThing('moved')).to.equal(undefined);
    const waiting = await show(id);
    expect(waiting).to.deep.include({ revision: 2, pending_revision: 3 });
    const events = await team.readOnly.client.get<{ items: { type: string; message: string }[] }>(
      `${REQUESTS}/${id}/events`,
    );
    const outdated = events.body.items.find(({ type }) => type === 'plan_outdated');
    expect(outdated?.message).to.contain('What is there has changed since the plan was made');
    await team.approver.client.post(`${REQUESTS}/${id}/reject`, { reason: 'not now' });
    const resource = (await findResource('moved'))!;
    await api.deps.database.withSystem('test', (trx) => reopenOutdated(trx, id, resource));
    expect(await show(id), 'what people said no to').to.include({ pending_revision: null });
    await team.developer.client.patch(`${REQUESTS}/${id}`, { parameters: { color: 'red' } });
    await approvePlan(id, await planReady(id, again.body.digest));
    await becomes(id, 'ready');
    expect((await findThing('moved'))?.data).to.deep.equal({ color: 'red' });
  });

  it('of a newer class are made when somebody asks for it, and moving takes exactly that', async () => {
    const before = className;
    className = await createClass('renewed', { preview: 'Required' });
    const { id } = await make('renewed');
    await approvePlan(id, await planReady(id));
    await becomes(id, 'ready');
    const { digest: old } = api.sync.classes.find(className)?.status ?? {};
    const spec = { timeouts: { apply: '30m' } };
    await world.client.mergePatch(RESOURCE_CLASSES, { name: className }, { spec });
    const { revisionName } = await eventually(() => {
      const status = api.sync.classes.find(className)?.status;
      if (status === undefined || status.digest === old) throw new Error('not offered yet');
      return status;
    }, PATIENCE_MS);
    className = before;
    await team.developer.client.patch(`${REQUESTS}/${id}`, { parameters: {} });
    const plan = await planReady(id);
    expect(plan.body).to.deep.include({ revision: 2, changes: { add: 0, change: 0, destroy: 0 } });
    const isMoved = async (): Promise<boolean> =>
      (await findResource('renewed'))?.status?.applied?.classRevision === revisionName;
    expect(await isMoved(), 'before anybody has agreed').to.equal(false);
    await approvePlan(id, plan);
    await eventually(async () => expect(await isMoved()).to.equal(true), PATIENCE_MS);
    const applied = await runsOf('renewed', 'Apply');
    expect(applied.map((run) => run.spec.planDigest)).to.include(plan.body.digest);
  });

  it('of what came by kubectl are those of the operator, and an approval writes nothing else', async () => {
    const resource = {
      ...{ apiVersion: API_VERSION, kind: 'ResourceRequest' },
      metadata: { namespace: team.namespace, name: 'foreign' },
      spec: { className, parameters: { color: 'grey' } },
    };
    await world.client.create(RESOURCE_REQUESTS, resource as never);
    const id = await eventually(async () => {
      const list = await team.readOnly.client.get<{ items: Shown[] }>(REQUESTS);
      const found = list.body.items.find(({ name }) => name === 'foreign');
      if (!found) throw new Error('not imported yet');
      return found.id;
    });
    const plan = await planReady(id);
    expect(plan.body.run).to.equal((await findResource('foreign'))?.status?.plan?.run);
    await approvePlan(id, plan);
    await becomes(id, 'ready');
    const { spec } = (await findResource('foreign'))!;
    expect(Object.keys(spec).sort()).to.deep.equal(['approval', 'className', 'parameters']);
    expect((await findThing('foreign'))?.data).to.deep.equal({ color: 'grey' });
  });

  it('name the request as everything does that is made of it later', async () => {
    const before = className;
    className = await createClass('named', { preview: 'Required' }, COLOR, {
      ...{ parameters: { type: 'object', additionalProperties: false } },
      variables: {
        ...{ namespace: '${request.namespace}', name: '${request.name}' },
        color: '${request.uid}',
      },
    });
    const { id } = await make('named');
    className = before;
    await approvePlan(id, await planReady(id));
    await becomes(id, 'ready');
    expect((await findThing('named'))?.data).to.deep.equal({ color: id });
    const { metadata } = (await findResource('named'))!;
    expect(metadata.uid).not.to.equal(id);
    const annotations = { [ANNOTATIONS.reconcileAt]: 'now' };
    await world.client.mergePatch(RESOURCE_REQUESTS, metadata, { metadata: { annotations } });
    await eventually(async () => {
      const drifted = findCondition((await findResource('named'))?.status?.conditions, 'Drifted');
      expect(drifted, JSON.stringify(drifted)).to.include({ status: 'False', reason: 'InSync' });
    }, PATIENCE_MS);
  });

  it('that nobody wants any more are deleted with their runs', async () => {
    const { id } = await make('unwanted');
    await planReady(id);
    await team.developer.client.post(`${REQUESTS}/${id}/cancel`);
    await sweep();
    expect(await runsOf('unwanted', 'Plan')).to.deep.equal([]);
  });

  it('whose run was deleted are made anew, and the old one cannot be approved', async () => {
    const { id } = await make('lost');
    const plan = await planReady(id);
    const [run] = await runsOf('lost', 'Plan');
    await world.client.delete(RESOURCE_RUNS, run!.metadata);
    await sweep();
    const headers = { 'if-match': plan.headers.get('etag') ?? '' };
    const late = await team.approver.client.post(`${REQUESTS}/${id}/approve`, {}, { headers });
    expect(late.status).to.equal(412);
    const anew = await planReady(id);
    expect(anew.body.run).not.to.equal(plan.body.run);
  });

  it('inside the bounds of the class are approved and applied by the platform', async () => {
    const before = className;
    className = await createClass('bounded', { mode: 'Automatic', autoApprove: { maxDestroy: 0 } });
    try {
      const { id } = await make('bounded', { color: 'white' });
      const ready = await becomes(id, 'ready');
      expect(ready.decided_by).to.equal(null);
      const { status } = (await findResource('bounded'))!;
      expect(status?.approval?.approvedBy).to.equal('platform');
    } finally {
      className = before;
    }
  });

  it('that fail show the error of the engine before anybody is asked', async () => {
    const before = className;
    className = await createClass('broken', { preview: 'Required' }, { type: 'array' });
    const { id } = await make('broken', { color: ['not', 'a', 'color'] });
    className = before;
    const failed = await eventually(async () => {
      const { plan } = await show(id);
      expect(plan?.status, JSON.stringify(plan)).to.equal('failed');
      return plan;
    }, PATIENCE_MS);
    expect(failed?.failure?.message).to.contain('Invalid value for input variable');
  });
});
