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
