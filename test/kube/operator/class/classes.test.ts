import { expect } from 'chai';
import { classDigest } from '../../../../crds/approval.ts';
import { findCondition } from '../../../../crds/condition.ts';
import { resourceClassSpecSchema, type ResourceClass } from '../../../../crds/resource-class.ts';
import { RESOURCE_CLASSES } from '../../../../crds/resource-types.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import { readRevision } from '../../../../operator/class/revision.ts';
import { eventually } from '../../../support/eventually.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { databaseClass, OperatorWorld } from '../../../support/operator/operator-world.ts';

describe('the operator keeps classes', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  let world: OperatorWorld;

  before(async () => {
    world = await OperatorWorld.start(cluster);
  });
  after(() => world.stop());

  it('refuses one that cannot be used, and names the field', async () => {
    const found = await world.createClass('unpinned', {
      ...databaseClass,
      module: { source: 'git::https://example.com/modules.git?ref=main' },
    });
    const ready = findCondition(found.status?.conditions, 'Ready');
    expect(ready).to.include({ status: 'False', reason: 'Invalid' });
    expect(ready?.message).to.include('/spec/module/source must name a commit');
    expect(found.status?.revisionName).to.equal(undefined);
  });

  it('keeps a snapshot of each digest that nobody can change', async () => {
    const first = await world.createClass('kept');
    const { digest, revisionName = '' } = first.status ?? {};
    expect(digest).to.equal(classDigest(resourceClassSpecSchema.parse(first.spec)));
    await world.client.mergePatch(RESOURCE_CLASSES, first.metadata, {
      spec: { variables: { region: 'north' } },
    });
    const second = await eventually(async () => {
      const found = await world.client.get<ResourceClass>(RESOURCE_CLASSES, first.metadata);
      expect(found?.status?.revisionName).not.to.equal(revisionName);
      return found!;
    });
    const runs = world.namespaces.runs;
    expect((await readRevision(world.client, runs, revisionName))?.variables).to.equal(undefined);
    const newer = await readRevision(world.client, runs, second.status?.revisionName ?? '');
    expect(newer?.variables).to.deep.equal({ region: 'north' });

    const key = { namespace: runs, name: revisionName };
    const refusal = await world.client
      .mergePatch(RESOURCE_TYPES.controllerRevisions, key, { data: { title: 'other' } })
      .then(
        () => undefined,
        (error: unknown) => error,
      );
    expect(refusal).to.include({ status: 422 });
  });

  it('keeps the digest when only the description changes', async () => {
    const first = await world.createClass('described');
    await world.client.mergePatch(RESOURCE_CLASSES, first.metadata, {
      spec: { title: 'A better title' },
    });
    await eventually(async () => {
      const found = await world.client.get<ResourceClass>(RESOURCE_CLASSES, first.metadata);
      expect(found?.status?.observedGeneration).to.equal(2);
      expect(found?.status?.digest).to.equal(first.status?.digest);
    });
  });

  it('shows a newer class to those who run an older one, and does not move them', async () => {
    const first = await world.createClass('moving');
    await world.makeReady('moving', first.metadata.name);
    await world.client.mergePatch(RESOURCE_CLASSES, first.metadata, {
      spec: { variables: { region: 'north' } },
    });
    await world.awaitCondition('moving', 'UpgradeAvailable', {
      status: 'True',
      reason: 'NewerClass',
    });
    const request = await world.awaitCondition('moving', 'Ready', { status: 'True' });
    expect(request.status?.applied?.classRevision).to.equal(first.status?.revisionName);
    expect(await world.runs('moving')).to.have.length(1);
  });

  it('moves to a newer class when that is approved, and to no other under that approval', async () => {
    const first = await world.createClass('upgraded');
    await world.makeReady('upgraded', first.metadata.name);
    await world.client.mergePatch(RESOURCE_CLASSES, first.metadata, {
      spec: { variables: { region: 'north' } },
    });
    const waiting = await world.awaitCondition('upgraded', 'UpgradeAvailable', { status: 'True' });
    const newer = await world.client.get<ResourceClass>(RESOURCE_CLASSES, first.metadata);
    const revisionName = newer?.status?.revisionName ?? '';
    expect(findCondition(waiting.status?.conditions, 'UpgradeAvailable')?.message).to.include(
      revisionName,
    );

    await world.approve('upgraded', { exp: Math.floor(Date.now() / 1000) - 1 });
    await eventually(async () => {
      const { status } = await world.request('upgraded');
      const { message } = findCondition(status?.conditions, 'UpgradeAvailable') ?? {};
      expect(message).to.include('The approval expired');
    });
    expect(await world.runs('upgraded')).to.have.length(1);

    await world.approve('upgraded');
    await world.finishRun('upgraded');
    await world.awaitCondition('upgraded', 'UpgradeAvailable', {
      status: 'False',
      reason: 'UpToDate',
    });
    const moved = await world.awaitCondition('upgraded', 'Ready', { status: 'True' });
    expect(moved.status?.applied?.classRevision).to.equal(revisionName);
    expect(await world.runs('upgraded')).to.have.length(2);

    await world.client.mergePatch(RESOURCE_CLASSES, first.metadata, {
      spec: { variables: { region: 'south' } },
    });
    await world.awaitCondition('upgraded', 'UpgradeAvailable', { status: 'True' });
    expect(await world.runs('upgraded')).to.have.length(2);
  });

  it('destroys with the revision that was applied, also when the class is newer', async () => {
    const first = await world.createClass('older');
    const { uid } = (await world.makeReady('older', first.metadata.name)).metadata;
    await world.client.mergePatch(RESOURCE_CLASSES, first.metadata, {
      spec: { variables: { region: 'north' } },
    });
    await world.awaitCondition('older', 'UpgradeAvailable', { status: 'True' });
    await world.delete('older');
    await eventually(async () => {
      const destroy = (await world.runs('older')).find(({ spec }) => spec.action === 'Destroy');
      expect(destroy?.spec.classRevision).to.equal(first.status?.revisionName);
    });
    await world.finishRun('older', { outcome: 'succeeded' });
    await world.awaitGone('older', uid!);
  });

  it('destroys with the revision that was applied, also when the class is gone', async () => {
    const found = await world.createClass('gone');
    const { uid } = (await world.makeReady('gone', found.metadata.name)).metadata;
    await world.client.delete(RESOURCE_CLASSES, found.metadata);
    await world.delete('gone');
    await world.finishRun('gone', { outcome: 'succeeded' });
    await world.awaitGone('gone', uid!);
  });

  it('counts the requests of a class', async () => {
    const found = await world.createClass('counted');
    await world.createRequest('counted', { className: found.metadata.name });
    await eventually(async () => {
      const now = await world.client.get<ResourceClass>(RESOURCE_CLASSES, found.metadata);
      expect(now?.status?.requests).to.equal(1);
    });
  });
});
