import { expect } from 'chai';
import { findCondition } from '../../../../crds/condition.ts';
import type { ResourceClass } from '../../../../crds/resource-class.ts';
import type { ResourceRequest } from '../../../../crds/resource-request.ts';
import { RESOURCE_REQUESTS } from '../../../../crds/resource-types.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import type { WatchEvent } from '../../../../lib/kube/watch.ts';
import { eventually } from '../../../support/eventually.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { OperatorWorld } from '../../../support/operator/operator-world.ts';

describe('what a run has applied', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  let world: OperatorWorld;
  let database: ResourceClass;

  before(async () => {
    world = await OperatorWorld.start(cluster);
    database = await world.createClass('database');
  });
  after(() => world.stop());

  /** Remembers every version of a request from now on; what it gives ends that and tells them. */
  async function watchVersions(name: string): Promise<() => ResourceRequest[]> {
    const { project: namespace } = world.namespaces;
    const { resourceVersion } = await world.client.listWithVersion(RESOURCE_REQUESTS, {
      namespace,
    });
    const stop = new AbortController();
    const seen: ResourceRequest[] = [];
    const events = world.client.watch<ResourceRequest>(RESOURCE_REQUESTS, {
      ...{ namespace, resourceVersion, timeoutSeconds: 60, idleTimeoutMs: 60_000 },
      signal: stop.signal,
    });
    void collect(events, seen);
    return () => {
      stop.abort();
      return seen.filter(({ metadata }) => metadata.name === name);
    };
  }

  it('is told when it is delivered, in one status: applied, with its Secret, Ready', async () => {
    await world.createRequest('orders', { className: database.metadata.name });
    await world.approve('orders');
    const end = await watchVersions('orders');
    const run = await world.finishRun('orders');
    await world.awaitCondition('orders', 'Ready', { status: 'True', reason: 'Available' });
    const first = end().find(({ status }) => status?.applied !== undefined)?.status ?? {};
    expect(first).to.have.nested.property('applied.run', run);
    expect(first).to.have.nested.property('binding.name', 'orders-credentials');
    expect(first).not.to.have.property('run');
    expect(findCondition(first.conditions, 'Ready')?.status).to.equal('True');
    expect(findCondition(first.conditions, 'Provisioned')?.reason).to.equal('Applied');
  });

  it('is written down as applied although its Secret is refused', async () => {
    await world.createRequest('refused', { className: database.metadata.name });
    await world.approve('refused');
    await eventually(async () => expect(await world.runs('refused')).to.have.length(1));
    // Nothing new can be made in a namespace that is going.
    await world.client.delete(RESOURCE_TYPES.namespaces, { name: world.namespaces.project });
    const run = await world.finishRun('refused');
    const request = await world.awaitCondition('refused', 'Provisioned', { status: 'True' });
    expect(request.status?.applied?.run).to.equal(run);
    expect(request.status?.run).to.equal(undefined);
    expect(findCondition(request.status?.conditions, 'Ready')?.status).not.to.equal('True');
    expect(await world.secret('refused')).to.equal(undefined);
    expect(await world.runs('refused')).to.have.length(1);
  });
});

async function collect(
  events: AsyncIterable<WatchEvent<ResourceRequest>>,
  into: ResourceRequest[],
): Promise<void> {
  try {
    for await (const { object } of events) into.push(object);
  } catch {
    // Told to stop.
  }
}
