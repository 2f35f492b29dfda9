import { expect } from 'chai';
import { findCondition } from '../../../crds/condition.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { eventually } from '../../support/eventually.ts';
import {
  COLOR,
  PATIENCE_MS,
  usePlannedThings,
  type WithPlan,
} from '../../support/requests/planned-things.ts';
import { REQUESTS } from '../../support/requests/requests.ts';

interface Events {
  items: { type: string; message: string | null }[];
}

describe('drift that wants repair, by way of the api, with a real operator and engine', function () {
  this.timeout(4 * PATIENCE_MS);
  const things = usePlannedThings();
  let className: string;

  before(async () => {
    const drift = { interval: '10s', action: 'Reapply' } as const;
    className = await things.createClass('watched', { preview: 'Required' }, COLOR, { drift });
  });

  async function makeReady(name: string): Promise<string> {
    const { id } = await things.make(name, className, { color: 'green' });
    await things.approvePlan(id, await things.planReady(id));
    await things.becomes(id, 'ready');
    return id;
  }

  /** As somebody does it by hand; a color that somebody else has set, the engine does not take away. */
  async function paint(name: string, color: string | null): Promise<void> {
    const { metadata } = (await things.findThing(name))!;
    await things.world.client.mergePatch(RESOURCE_TYPES.configMaps, metadata, { data: { color } });
  }

  function awaitPending(id: string, revision: number | null): Promise<WithPlan> {
    return eventually(async () => {
      const shown = await things.show(id);
      const problems = JSON.stringify([shown, things.world.problems()], null, 1);
      expect(shown.pending_revision, problems).to.equal(revision);
      return shown;
    }, PATIENCE_MS);
  }

  async function eventsOf(id: string): Promise<Events['items']> {
    const { client } = things.team.readOnly;
    return (await client.get<Events>(`${REQUESTS}/${id}/events`)).body.items;
  }

  it('waits with its plan while what stands goes on, and is put right by exactly that', async () => {
    const id = await makeReady('painted');
    await paint('painted', null);
    const waiting = await awaitPending(id, 2);
    expect(waiting).to.include({ status: 'ready', revision: 1 });
    expect((await things.findThing('painted'))?.data).to.equal(undefined);
    const plan = await things.planReady(id);
    expect(plan.body).to.deep.include({ changes: { add: 0, change: 1, destroy: 0 } });
    const planned = (await eventsOf(id)).find(({ type }) => type === 'repair_planned');
    expect(planned?.message).to.contain('What has drifted is put right when that is approved.');
    await things.approvePlan(id, plan);
    await eventually(async () => {
      expect((await things.findThing('painted'))?.data).to.deep.equal({ color: 'green' });
    }, PATIENCE_MS);
    const applied = await things.runsOf('painted', 'Apply');
    expect(applied.map(({ spec }) => spec.planDigest)).to.include(plan.body.digest);
    await things.becomes(id, 'ready');
    await awaitPending(id, null);
  });

  it('is asked about no more when somebody has put it right by hand', async () => {
    const id = await makeReady('mended');
    await paint('mended', 'purple');
    await awaitPending(id, 2);
    await paint('mended', 'green');
    const shown = await awaitPending(id, null);
    expect(shown).to.include({ status: 'ready', revision: 1 });
    expect((await eventsOf(id)).map(({ type }) => type)).to.include('withdrawn');
    expect(await things.runsOf('mended', 'Apply')).to.have.length(1);
  });

  it('is left alone when people say no, and asked about again when something else drifts', async () => {
    const id = await makeReady('refused');
    await paint('refused', 'purple');
    await awaitPending(id, 2);
    await things.planReady(id);
    const { client } = things.team.approver;
    const answer = await client.post(`${REQUESTS}/${id}/reject`, { reason: 'purple is fine' });
    expect(answer.status).to.equal(200);
    const before = (await things.runsOf('refused', 'Check')).at(-1)?.metadata.name;
    await eventually(async () => {
      const checks = await things.runsOf('refused', 'Check');
      expect(
        checks.some(({ metadata, status }) => metadata.name !== before && status?.drift),
      ).to.equal(true);
    }, PATIENCE_MS);
    const resource = await things.findResource('refused');
    expect(findCondition(resource?.status?.conditions, 'Ready')).to.include({ status: 'True' });
    expect(await things.show(id)).to.include({ pending_revision: null, status: 'ready' });
    const { metadata } = (await things.findThing('refused'))!;
    await things.world.client.delete(RESOURCE_TYPES.configMaps, metadata);
    await awaitPending(id, 3);
    const plan = await things.planReady(id);
    expect(plan.body).to.deep.include({ changes: { add: 1, change: 0, destroy: 0 } });
  });
});
