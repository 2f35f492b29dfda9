import path from 'node:path';
import { expect } from 'chai';
import { deletionDigest } from '../../../../crds/approval.ts';
import { findCondition } from '../../../../crds/condition.ts';
import type { ResourceRequest } from '../../../../crds/resource-request.ts';
import type { ResourceRun } from '../../../../crds/resource-run.ts';
import { RESOURCE_CLASSES } from '../../../../crds/resource-types.ts';
import { systemClock } from '../../../../lib/clock.ts';
import type { ConfigMap } from '../../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import { planName } from '../../../../operator/state/names.ts';
import { openStores } from '../../../../operator/state/stores.ts';
import { eventually } from '../../../support/eventually.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { databaseClass, OperatorWorld } from '../../../support/operator/operator-world.ts';
import { JobPlayer } from '../../../support/pods/job-player.ts';
import { PodPlayer } from '../../../support/pods/pod-player.ts';
import { realRunner } from '../../../support/pods/real-runner.ts';
import { findTofu } from '../../../support/runs/find-tofu.ts';
import {
  createProviderMirror,
  type ProviderMirror,
} from '../../../support/runs/provider-mirror.ts';

const PATIENCE_MS = 90_000;

describe('a deletion that needs an approval destroys exactly what was approved', function () {
  this.timeout(3 * PATIENCE_MS);
  const cluster = useTestCluster();
  let world: OperatorWorld;
  let mirror: ProviderMirror;
  let pods: PodPlayer;
  let jobs: JobPlayer;

  before('start the operator and the stand-in for the kubelet', async function () {
    this.timeout(15 * 60_000);
    const tofu = await findTofu();
    mirror = await createProviderMirror();
    world = await OperatorWorld.start(cluster);
    const place = { client: world.client, namespace: world.namespaces.runs };
    const environment = { ...mirror.environment, KUBE_CONFIG_PATH: cluster.kubeconfig };
    pods = new PodPlayer({ ...place, start: realRunner({ tofu, environment }) });
    jobs = new JobPlayer(place);
    await pods.start();
    await jobs.start();
  });
  after(async () => {
    await jobs.stop();
    await pods.stop();
    await world.stop();
    mirror.remove();
  });

  /** A class whose requests make one ConfigMap without asking, and ask before it goes. */
  async function createClass(name: string, approval: object = {}): Promise<string> {
    const source = path.resolve(import.meta.dirname, '../../../support/modules/kubernetes-color');
    const created = await world.createClass(name, {
      ...databaseClass,
      module: { source },
      parameters: {
        type: 'object',
        additionalProperties: false,
        properties: { color: { type: 'string', maxLength: 20, default: 'blue' } },
      },
      variables: { namespace: '${request.namespace}', name: '${request.name}' },
      outputs: {},
      binding: undefined,
      approval: { mode: 'Automatic', onDelete: 'Manual', ...approval },
    });
    return created.metadata.name;
  }

  async function makeReady(name: string, className: string): Promise<ResourceRequest> {
    await world.createRequest(name, { className });
    return awaitReady(name);
  }

  function awaitReady(name: string): Promise<ResourceRequest> {
    return eventually(async () => {
      const request = await world.request(name);
      const ready = findCondition(request.status?.conditions, 'Ready');
      if (ready?.status === 'True') return request;
      throw new Error(JSON.stringify([request.status, world.problems()], null, 1));
    }, PATIENCE_MS);
  }

  /** Waits until a request is gone with everything of it; what destroys it is a real run. */
  async function awaitGone({ metadata: { name, uid = '' } }: ResourceRequest): Promise<void> {
    await eventually(async () => {
      const found = await world.findRequest(name);
      if (found) throw new Error(JSON.stringify([found.status, world.problems()], null, 1));
    }, PATIENCE_MS);
    await world.awaitGone(name, uid);
  }

  /** Waits until a plan of the destruction waits for its approval. */
  function awaitPlan(name: string, unlike?: string): Promise<ResourceRequest> {
    return eventually(async () => {
      const request = await world.request(name);
      const { plan } = request.status ?? {};
      const isDeleting = request.metadata.deletionTimestamp !== undefined;
      if (plan !== undefined && isDeleting && plan.digest !== unlike) return request;
      throw new Error(JSON.stringify([request.status, world.problems()], null, 1));
    }, PATIENCE_MS);
  }

  function findThing(name: string): Promise<ConfigMap | undefined> {
    const key = { namespace: world.namespaces.project, name: `${name}-thing` };
    return world.client.get<ConfigMap>(RESOURCE_TYPES.configMaps, key);
  }

  async function destroyRuns(name: string): Promise<ResourceRun[]> {
    return (await world.runs(name)).filter(({ spec }) => spec.action === 'Destroy');
  }

  /** The approval of the deletion of a request, as the api signs it. */
  function signDeletion(request: ResourceRequest, plan?: string): Promise<string> {
    const { namespace = '', name, uid = '' } = request.metadata;
    const inputs = deletionDigest({ namespace, name, uid });
    const claims = { request: `${namespace}/${name}`, class: 'none', inputs };
    return world.approver.sign({ ...claims, ...(plan && { plan }) });
  }

  async function put(name: string, approval: string): Promise<void> {
    await world.patch(name, { spec: { approval } });
  }

  const reasonOf = (request: ResourceRequest): string | undefined =>
    findCondition(request.status?.conditions, 'Ready')?.reason;

  it('waits after kubectl delete, shows what would go, and goes when that is approved', async () => {
    const className = await createClass('asked');
    const request = await makeReady('asked', className);
    await world.delete('asked');
    const waiting = await awaitPlan('asked');
    expect(waiting.status?.plan?.changes).to.deep.equal({ add: 0, change: 0, destroy: 1 });
    const ready = findCondition(waiting.status?.conditions, 'Ready');
    expect(ready).to.include({ status: 'False', reason: 'AwaitingApproval' });
    expect(ready?.message).to.contain('0 to add, 0 to change, 1 to destroy');
    expect(await findThing('asked')).not.to.equal(undefined);
    const plan = waiting.status?.plan?.digest ?? '';
    await put('asked', await signDeletion(waiting, plan));
    await awaitGone(request);
    expect(await findThing('asked')).to.equal(undefined);
  });

  it('is not approved by what approved the apply, or by the deletion of another request', async () => {
    const className = await createClass('replayed', { mode: 'Manual', preview: 'Skipped' });
    const names = ['one', 'two'] as const;
    for (const name of names) {
      await world.createRequest(name, { className });
      await world.approve(name);
      await awaitReady(name);
      await world.delete(name);
      await world.awaitCondition(name, 'Ready', { reason: 'AwaitingApproval' });
    }
    const [one, two] = await Promise.all(names.map((name) => world.request(name)));
    expect(one?.spec.approval).not.to.equal(undefined);
    await put('two', await signDeletion(one!));
    await world.awaitCondition('two', 'Ready', { reason: 'ApprovalInvalid' });
    expect(await destroyRuns('one')).to.deep.equal([]);
    expect(await destroyRuns('two')).to.deep.equal([]);
    expect(await findThing('two')).not.to.equal(undefined);
    for (const request of [one!, two!]) {
      await put(request.metadata.name, await signDeletion(request));
      await awaitGone(request);
    }
  });

  it('applies nothing that is asked for: the approval of a deletion is none of that', async () => {
    const className = await createClass('turned', { mode: 'Manual', preview: 'Skipped' });
    const request = await world.createRequest('turned', { className });
    await world.awaitCondition('turned', 'Ready', { reason: 'AwaitingApproval' });
    const { namespace = '', name, uid = '' } = request.metadata;
    const inputs = deletionDigest({ namespace, name, uid });
    await world.approve('turned', { inputs });
    await world.awaitCondition('turned', 'Ready', { reason: 'ApprovalOutdated' });
    expect(await world.runs('turned')).to.deep.equal([]);
    await world.delete('turned');
    await awaitGone(request);
  });

  const moves: { title: string; says: string; move: (name: string, plan: string) => unknown }[] = [
    {
      title: 'another run has pushed a state',
      says: 'The state has changed since the plan was made.',
      move: (name) => pushState(name),
    },
    {
      title: 'the plan was deleted',
      says: 'The plan that was approved is not there any more.',
      move: (_, plan) =>
        world.client.delete(RESOURCE_TYPES.secrets, {
          namespace: world.namespaces.runs,
          name: planName(plan),
        }),
    },
    {
      title: 'what is there was changed by hand',
      says: 'What is there has changed since the plan was made: module.resource.kubectl_manifest.thing.',
      move: async (name) => {
        const { metadata } = (await findThing(name))!;
        const patch = { data: { color: 'yellow' } };
        await world.client.mergePatch(RESOURCE_TYPES.configMaps, metadata, patch);
      },
    },
  ];
  for (const [index, { title, says, move }] of moves.entries()) {
    it(`destroys nothing, says so and asks again when ${title}`, async () => {
      const name = `moved-${index}`;
      const className = await createClass(name);
      await makeReady(name, className);
      await world.delete(name);
      const waiting = await awaitPlan(name);
      const plan = waiting.status?.plan?.digest ?? '';
      const approval = await signDeletion(waiting, plan);
      await move(name, plan);
      await put(name, approval);
      const asked = await awaitPlan(name, plan);
      expect(reasonOf(asked)).to.equal('ApprovalOutdated');
      expect(findCondition(asked.status?.conditions, 'Ready')?.message).to.contain(says);
      expect(await findThing(name)).not.to.equal(undefined);
    });
  }

  /** The same resources, in a version of its own: as a run that nobody knows of. */
  async function pushState(name: string): Promise<void> {
    const { client, namespaces } = world;
    const { uid = '' } = (await world.request(name)).metadata;
    const stores = await openStores({ client, namespace: namespaces.runs, clock: systemClock });
    const holder = { run: 'another', instance: 'a' };
    await stores.lock.acquire(uid, holder);
    const state = JSON.parse((await stores.state.read(uid))?.toString() ?? '{}') as {
      serial: number;
    };
    const moved = { ...state, serial: state.serial + 1 };
    await stores.state.write(uid, Buffer.from(JSON.stringify(moved)), holder);
    await stores.lock.release(uid, ({ run }) => run === holder.run);
  }

  it('asks by the class that was applied when the class is gone', async () => {
    const className = await createClass('left');
    const request = await makeReady('left', className);
    await world.client.delete(RESOURCE_CLASSES, { name: className });
    await world.delete('left');
    const waiting = await awaitPlan('left');
    expect(reasonOf(waiting)).to.equal('AwaitingApproval');
    expect(await findThing('left')).not.to.equal(undefined);
    await put('left', await signDeletion(waiting, waiting.status?.plan?.digest));
    await awaitGone(request);
    expect(await findThing('left')).to.equal(undefined);
  });

  it('asks nobody any more when the class says so meanwhile', async () => {
    const className = await createClass('eased');
    const request = await makeReady('eased', className);
    await world.delete('eased');
    await awaitPlan('eased');
    const spec = { approval: { onDelete: 'Automatic' } };
    await world.client.mergePatch(RESOURCE_CLASSES, { name: className }, { spec });
    await awaitGone(request);
    expect(await findThing('eased')).to.equal(undefined);
  });
});
