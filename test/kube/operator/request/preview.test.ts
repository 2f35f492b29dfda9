import path from 'node:path';
import { expect } from 'chai';
import { findCondition } from '../../../../crds/condition.ts';
import { ANNOTATIONS } from '../../../../crds/constants.ts';
import type { ResourceRequest } from '../../../../crds/resource-request.ts';
import type { ResourceRun } from '../../../../crds/resource-run.ts';
import { systemClock } from '../../../../lib/clock.ts';
import type { ConfigMap, Secret } from '../../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import { RESOURCE_CLASSES } from '../../../../crds/resource-types.ts';
import { planChunkName, planName } from '../../../../operator/state/names.ts';
import { openStores } from '../../../../operator/state/stores.ts';
import { eventually } from '../../../support/eventually.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { databaseClass, OperatorWorld } from '../../../support/operator/operator-world.ts';
import { RealPods } from '../../../support/pods/real-pods.ts';

const PATIENCE_MS = 60_000;

describe('a plan is approved and exactly that is applied', function () {
  this.timeout(2 * PATIENCE_MS);
  const cluster = useTestCluster();
  let world: OperatorWorld;
  const pods = new RealPods();

  before('start the operator and the stand-in for the kubelet', async function () {
    this.timeout(15 * 60_000);
    world = await OperatorWorld.start(cluster);
    await pods.start(cluster, world);
  });
  after(async () => {
    await pods.stop();
    await world.stop();
  });

  /** A class whose requests make one ConfigMap of the name `thing`, of the color that is asked for. */
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
      approval: { preview: 'Required', ...approval },
    });
    return created.metadata.name;
  }

  /** Waits until a plan of the request as it stands waits for its approval. */
  function awaitPlan(name: string, unlike?: string): Promise<ResourceRequest> {
    return eventually(async () => {
      const request = await world.request(name);
      const { plan, observedGeneration } = request.status ?? {};
      const isCurrent = observedGeneration === request.metadata.generation;
      if (plan === undefined || !isCurrent || plan.digest === unlike) {
        throw new Error(JSON.stringify([request.status, world.problems()], null, 1));
      }
      return request;
    }, PATIENCE_MS);
  }

  /** Digest of the plan that waits. */
  async function awaitDigest(name: string): Promise<string> {
    return (await awaitPlan(name)).status?.plan?.digest ?? '';
  }

  function awaitReady(name: string): Promise<ResourceRequest> {
    return eventually(async () => {
      const request = await world.request(name);
      const ready = findCondition(request.status?.conditions, 'Ready');
      if (ready?.status === 'True') return request;
      throw new Error(JSON.stringify([request.status, world.problems()], null, 1));
    }, PATIENCE_MS);
  }

  function findThing(name: string): Promise<ConfigMap | undefined> {
    const key = { namespace: world.namespaces.project, name: `${name}-thing` };
    return world.client.get<ConfigMap>(RESOURCE_TYPES.configMaps, key);
  }

  async function applyRuns(name: string): Promise<ResourceRun[]> {
    return (await world.runs(name)).filter(({ spec }) => spec.action === 'Apply');
  }

  it('shows the plan of what came by kubectl, and applies it when it is approved', async () => {
    const className = await createClass('shown');
    await world.createRequest('shown', { className, parameters: { color: 'green' } });
    const waiting = await awaitPlan('shown');
    expect(waiting.status?.plan?.changes).to.deep.equal({ add: 1, change: 0, destroy: 0 });
    const ready = findCondition(waiting.status?.conditions, 'Ready');
    expect(ready?.reason).to.equal('AwaitingApproval');
    expect(ready?.message).to.contain('1 to add, 0 to change, 0 to destroy');
    expect(await findThing('shown')).to.equal(undefined);
    const plan = waiting.status?.plan?.digest ?? '';
    await world.approve('shown', { plan });
    await awaitReady('shown');
    expect((await findThing('shown'))?.data).to.deep.equal({ color: 'green' });
    const runs = await applyRuns('shown');
    expect(runs.map(({ spec }) => spec.planDigest)).to.deep.equal([plan]);
    const key = { namespace: world.namespaces.runs, name: planName(plan) };
    await eventually(async () =>
      expect(await world.client.get(RESOURCE_TYPES.secrets, key)).to.equal(undefined),
    );
  });

  /** As only somebody with every right in the runs namespace could. */
  async function flipByte(secretName: string, key: string): Promise<void> {
    const place = { namespace: world.namespaces.runs, name: secretName };
    const secret = await world.client.get<Secret>(RESOURCE_TYPES.secrets, place);
    const bytes = Buffer.from(secret?.data?.[key] ?? '', 'base64');
    bytes.writeUInt8(bytes.readUInt8(bytes.length - 1) ^ 1, bytes.length - 1);
    const data = { ...secret?.data, [key]: bytes.toString('base64') };
    // A piece of a plan cannot be changed, only put in the place of the one that was there.
    await world.client.delete(RESOURCE_TYPES.secrets, place);
    const { labels } = secret?.metadata ?? {};
    await world.client.create<Secret>(RESOURCE_TYPES.secrets, {
      ...{ apiVersion: 'v1', kind: 'Secret', type: 'Opaque', data },
      metadata: { ...place, ...(labels && { labels }) },
    });
  }

  async function pushState(name: string): Promise<void> {
    const { client, namespaces } = world;
    const { uid = '' } = (await world.request(name)).metadata;
    const stores = await openStores({ client, namespace: namespaces.runs, clock: systemClock });
    const holder = { run: 'another', instance: 'a' };
    await stores.lock.acquire(uid, holder);
    await stores.state.write(uid, Buffer.from('{"version":4,"resources":[]}'), holder);
    await stores.lock.release(uid, ({ run }) => run === holder.run);
  }

  const moves: {
    title: string;
    reason?: string;
    says: string;
    approval?: object;
    move: (name: string, plan: string) => Promise<unknown>;
  }[] = [
    {
      title: 'another run has pushed a state',
      says: 'The state has changed since the plan was made.',
      move: (name) => pushState(name),
    },
    {
      title: 'one byte of the plan was flipped',
      says: 'The plan that was approved was altered where it is stored.',
      move: (_, plan) => flipByte(planChunkName(plan, 0), 'chunk'),
    },
    {
      title: 'one byte of the record of the plan was flipped',
      says: 'The plan that was approved was altered where it is stored.',
      move: (_, plan) => flipByte(planName(plan), 'sealed'),
    },
    {
      title: 'the parameters were edited',
      says: 'The request has changed since the approval.',
      move: (name) => world.patch(name, { spec: { parameters: { color: 'red' } } }),
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
      title: 'the plan has expired',
      reason: 'ApprovalExpired',
      says: 'The approval expired',
      approval: { expiresAfter: '15s' },
      move: () => new Promise((resolve) => setTimeout(resolve, 15_500)),
    },
  ];
  for (const [index, { title, reason, says, approval, move }] of moves.entries()) {
    it(`applies nothing, says so and makes a new plan when ${title}`, async () => {
      const name = `moved-${index}`;
      const className = await createClass(name, approval);
      await world.createRequest(name, { className });
      const plan = await awaitDigest(name);
      const signed = await world.signFor(await world.request(name), { plan });
      await move(name, plan);
      await world.patch(name, { spec: { approval: signed } });
      const asked = await awaitPlan(name, plan);
      const approved = findCondition(asked.status?.conditions, 'Approved');
      expect(approved?.reason).to.equal(reason ?? 'ApprovalOutdated');
      expect(approved?.message).to.contain(says);
      expect(await findThing(name)).to.equal(undefined);
    });
  }

  it('applies nothing, says so and makes a new plan when what is there has gone meanwhile', async () => {
    const className = await createClass('gone');
    await world.createRequest('gone', { className });
    await world.approve('gone', { plan: await awaitDigest('gone') });
    await awaitReady('gone');
    await world.patch('gone', { spec: { parameters: { color: 'red' } } });
    const plan = await awaitDigest('gone');
    await world.client.delete(RESOURCE_TYPES.configMaps, (await findThing('gone'))!.metadata);
    await world.approve('gone', { plan });
    const asked = await awaitPlan('gone', plan);
    const approved = findCondition(asked.status?.conditions, 'Approved');
    expect(approved?.reason).to.equal('ApprovalOutdated');
    expect(approved?.message).to.contain(
      'What is there has changed since the plan was made: module.resource.kubectl_manifest.thing.',
    );
    expect(await findThing('gone')).to.equal(undefined);
    expect(asked.status?.plan?.changes).to.deep.equal({ add: 1, change: 0, destroy: 0 });
  });

  it('applies nothing under an approval of the plan of another request', async () => {
    const className = await createClass('replayed');
    for (const name of ['first', 'second']) await world.createRequest(name, { className });
    const plan = await awaitDigest('first');
    await awaitPlan('second');
    await world.approve('second', { plan });
    const refused = await world.awaitCondition('second', 'Approved', {
      reason: 'ApprovalOutdated',
    });
    expect(findCondition(refused.status?.conditions, 'Approved')?.message).to.contain(
      'was made for another request',
    );
    expect(await applyRuns('second')).to.deep.equal([]);
  });

  it('applies nothing under an approval of an earlier class', async () => {
    const className = await createClass('revised');
    await world.createRequest('revised', { className });
    const plan = await awaitDigest('revised');
    const signed = await world.signFor(await world.request('revised'), { plan });
    const timeouts = { timeouts: { apply: '30m' } };
    const key = { name: className };
    await world.client.mergePatch(RESOURCE_CLASSES, key, { spec: timeouts });
    await world.patch('revised', { spec: { approval: signed } });
    await awaitPlan('revised', plan);
    const { status } = await world.request('revised');
    expect(findCondition(status?.conditions, 'Approved')?.message).to.contain(
      'The class has changed since the approval.',
    );
    expect(await applyRuns('revised')).to.deep.equal([]);
  });

  it('plans the move to a newer class when somebody asks, and moves when that plan is approved', async () => {
    const className = await createClass('renewed');
    await world.createRequest('renewed', { className });
    await world.approve('renewed', { plan: await awaitDigest('renewed') });
    const { applied } = (await awaitReady('renewed')).status ?? {};
    const timeouts = { timeouts: { apply: '30m' } };
    await world.client.mergePatch(RESOURCE_CLASSES, { name: className }, { spec: timeouts });
    await world.awaitCondition('renewed', 'UpgradeAvailable', { status: 'True' });
    const annotations = { [ANNOTATIONS.reconcileAt]: 'now' };
    await world.patch('renewed', { metadata: { annotations } });
    const waiting = await awaitPlan('renewed');
    expect(findCondition(waiting.status?.conditions, 'Ready')?.status).to.equal('True');
    expect(waiting.status?.applied).to.deep.equal(applied);
    const plan = waiting.status?.plan?.digest ?? '';
    await world.approve('renewed', { plan });
    await world.awaitCondition('renewed', 'UpgradeAvailable', { status: 'False' });
    const runs = await applyRuns('renewed');
    expect(runs.map(({ spec }) => spec.planDigest)).to.include(plan);
  });

  it('applies the plan once when the operator restarts between the approval and the apply', async () => {
    const className = await createClass('restarted');
    await world.createRequest('restarted', { className });
    const plan = await awaitDigest('restarted');
    await world.stopOperator();
    await world.approve('restarted', { plan });
    await world.startOperator();
    await eventually(async () => expect(await applyRuns('restarted')).to.have.length(1));
    await world.stopOperator();
    await world.startOperator();
    await awaitReady('restarted');
    expect(await applyRuns('restarted')).to.have.length(1);
  });
});
