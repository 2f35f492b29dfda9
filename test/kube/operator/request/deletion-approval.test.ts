import { expect } from 'chai';
import { deletionDigest } from '../../../../crds/approval.ts';
import { findCondition } from '../../../../crds/condition.ts';
import { RESOURCE_CLASSES } from '../../../../crds/resource-types.ts';
import { systemClock } from '../../../../lib/clock.ts';
import type { KubeObject } from '../../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import { planName } from '../../../../operator/state/names.ts';
import { openStores } from '../../../../operator/state/stores.ts';
import { eventually } from '../../../support/eventually.ts';
import {
  PATIENCE_MS,
  reasonOf,
  useGuardedThings,
} from '../../../support/requests/guarded-things.ts';

describe('a deletion that needs an approval destroys exactly what was approved', function () {
  this.timeout(3 * PATIENCE_MS);
  const things = useGuardedThings();

  /** Waits for an Event about a request, as `kubectl describe` shows it. */
  async function expectEvent(name: string, reason: string, says: string): Promise<void> {
    type StoredEvent = KubeObject & { reason: string; note: string; regarding: { uid: string } };
    const { client, namespaces } = things.world;
    const { uid } = (await things.world.request(name)).metadata;
    await eventually(async () => {
      const { project: namespace } = namespaces;
      const events = await client.list<StoredEvent>(RESOURCE_TYPES.events, { namespace });
      const told = events.filter(({ regarding }) => regarding.uid === uid);
      const notes = told.filter((event) => event.reason === reason).map(({ note }) => note);
      expect(notes, told.map((event) => event.reason).join()).to.have.length(1);
      expect(notes[0]).to.contain(says);
    });
  }

  it('waits after kubectl delete, shows what would go, and goes when that is approved', async () => {
    const className = await things.createClass('asked');
    const request = await things.makeReady('asked', className);
    await things.world.delete('asked');
    const waiting = await things.awaitPlan('asked');
    expect(waiting.status?.plan?.changes).to.deep.equal({ add: 0, change: 0, destroy: 1 });
    const ready = findCondition(waiting.status?.conditions, 'Ready');
    expect(ready).to.include({ status: 'False', reason: 'AwaitingApproval' });
    expect(ready?.message).to.contain('0 to add, 0 to change, 1 to destroy');
    expect(await things.findThing('asked')).not.to.equal(undefined);
    await expectEvent('asked', 'AwaitingApproval', '0 to add, 0 to change, 1 to destroy');
    await things.approveShown(waiting);
    await things.awaitGone(request);
    expect(await things.findThing('asked')).to.equal(undefined);
  });

  it('is not approved by what approved the apply, or by the deletion of another request', async () => {
    const className = await things.createClass('replayed', {
      approval: { mode: 'Manual', preview: 'Skipped' },
    });
    const names = ['one', 'two'] as const;
    for (const name of names) {
      await things.world.createRequest(name, { className });
      await things.world.approve(name);
      await things.awaitReady(name);
      await things.world.delete(name);
      await things.world.awaitCondition(name, 'Ready', { reason: 'AwaitingApproval' });
    }
    const [one, two] = await Promise.all(names.map((name) => things.world.request(name)));
    expect(one?.spec.approval).not.to.equal(undefined);
    await things.put('two', await things.signDeletion(one!));
    await things.world.awaitCondition('two', 'Ready', { reason: 'ApprovalInvalid' });
    expect(await things.destroyRuns('one')).to.deep.equal([]);
    expect(await things.destroyRuns('two')).to.deep.equal([]);
    expect(await things.findThing('two')).not.to.equal(undefined);
    for (const request of [one!, two!]) {
      await things.put(request.metadata.name, await things.signDeletion(request));
      await things.awaitGone(request);
    }
  });

  it('applies nothing that is asked for: the approval of a deletion is none of that', async () => {
    const className = await things.createClass('turned', {
      approval: { mode: 'Manual', preview: 'Skipped' },
    });
    const request = await things.world.createRequest('turned', { className });
    await things.world.awaitCondition('turned', 'Ready', { reason: 'AwaitingApproval' });
    const { namespace = '', name, uid = '' } = request.metadata;
    const inputs = deletionDigest({ namespace, name, uid });
    await things.world.approve('turned', { inputs });
    await things.world.awaitCondition('turned', 'Ready', { reason: 'ApprovalOutdated' });
    expect(await things.world.runs('turned')).to.deep.equal([]);
    await things.world.delete('turned');
    await things.awaitGone(request);
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
        things.world.client.delete(RESOURCE_TYPES.secrets, {
          namespace: things.world.namespaces.runs,
          name: planName(plan),
        }),
    },
    {
      title: 'what is there was changed by hand',
      says: 'What is there has changed since the plan was made: module.resource.kubectl_manifest.thing.',
      move: async (name) => {
        const { metadata } = (await things.findThing(name))!;
        const patch = { data: { color: 'yellow' } };
        await things.world.client.mergePatch(RESOURCE_TYPES.configMaps, metadata, patch);
      },
    },
  ];
  for (const [index, { title, says, move }] of moves.entries()) {
    it(`destroys nothing, says so and asks again when ${title}`, async () => {
      const name = `moved-${index}`;
      const className = await things.createClass(name);
      await things.makeReady(name, className);
      await things.world.delete(name);
      const waiting = await things.awaitPlan(name);
      const plan = waiting.status?.plan?.digest ?? '';
      const approval = await things.signDeletion(waiting, plan);
      await move(name, plan);
      await things.put(name, approval);
      const asked = await things.awaitPlan(name, plan);
      expect(reasonOf(asked)).to.equal('ApprovalOutdated');
      expect(findCondition(asked.status?.conditions, 'Ready')?.message).to.contain(says);
      expect(await things.findThing(name)).not.to.equal(undefined);
    });
  }

  /** The same resources, in a version of its own: as a run that nobody knows of. */
  async function pushState(name: string): Promise<void> {
    const { client, namespaces } = things.world;
    const { uid = '' } = (await things.world.request(name)).metadata;
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
    const className = await things.createClass('left');
    const request = await things.makeReady('left', className);
    await things.world.client.delete(RESOURCE_CLASSES, { name: className });
    await things.world.delete('left');
    const waiting = await things.awaitPlan('left');
    expect(reasonOf(waiting)).to.equal('AwaitingApproval');
    expect(await things.findThing('left')).not.to.equal(undefined);
    await things.approveShown(waiting);
    await things.awaitGone(request);
    expect(await things.findThing('left')).to.equal(undefined);
  });

  it('asks nobody any more when the class says so meanwhile', async () => {
    const className = await things.createClass('eased');
    const request = await things.makeReady('eased', className);
    await things.world.delete('eased');
    await things.awaitPlan('eased');
    const spec = { approval: { onDelete: 'Automatic' } };
    await things.world.client.mergePatch(RESOURCE_CLASSES, { name: className }, { spec });
    await things.awaitGone(request);
    expect(await things.findThing('eased')).to.equal(undefined);
  });
});
