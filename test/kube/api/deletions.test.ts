import { expect } from 'chai';
import { askAboutDeletion } from '../../../api/sync/plans/ask-about-deletion.ts';
import { findCondition } from '../../../crds/condition.ts';
import { API_VERSION } from '../../../crds/constants.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import { RESOURCE_CLASSES, RESOURCE_REQUESTS } from '../../../crds/resource-types.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { eventually } from '../../support/eventually.ts';
import {
  PATIENCE_MS,
  usePlannedThings,
  type WithPlan,
} from '../../support/requests/planned-things.ts';
import { approve, REQUESTS } from '../../support/requests/requests.ts';

describe('deletions that need an approval, with a real operator and engine', function () {
  this.timeout(4 * PATIENCE_MS);
  const things = usePlannedThings();
  const approval = { mode: 'Automatic', onDelete: 'Manual' };
  let className: string;

  before(async () => {
    className = await things.createClass('guarded', approval);
  });

  async function makeReady(name: string): Promise<string> {
    const { id } = await things.make(name, className, { color: 'green' });
    await things.becomes(id, 'ready');
    return id;
  }

  async function remove(id: string): Promise<WithPlan> {
    const { client } = things.team.developer;
    const { status, body } = await client.delete<WithPlan>(`${REQUESTS}/${id}`);
    expect(status, JSON.stringify(body)).to.equal(202);
    return body;
  }

  /** As with kubectl. */
  async function removeResource(name: string): Promise<void> {
    const { namespace } = things.team;
    await things.world.client.delete(RESOURCE_REQUESTS, { namespace, name });
  }

  /** Waits until a deletion of a request waits for people. */
  function awaitQuestion(id: string, revision: number): Promise<WithPlan> {
    return eventually(async () => {
      const shown = await things.show(id);
      const problems = JSON.stringify([shown, things.world.problems()], null, 1);
      expect(shown.pending_revision, problems).to.equal(revision);
      expect(shown.pending_change).to.include({ deletes: true });
      return shown;
    }, PATIENCE_MS);
  }

  async function awaitEnd(id: string, name: string): Promise<void> {
    await things.becomes(id, 'deleted');
    expect(await things.findResource(name)).to.equal(undefined);
    expect(await things.findThing(name)).to.equal(undefined);
  }

  async function paint(name: string, color: string): Promise<void> {
    const { metadata } = (await things.findThing(name))!;
    await things.world.client.mergePatch(RESOURCE_TYPES.configMaps, metadata, { data: { color } });
  }

  it('are planned while everything goes on, and destroy what was approved', async () => {
    const id = await makeReady('asked');
    expect(await remove(id)).to.deep.include({ status: 'ready', revision: 1, pending_revision: 2 });
    const plan = await things.planReady(id);
    expect(plan.body).to.deep.include({ changes: { add: 0, change: 0, destroy: 1 } });
    await things.sweep();
    expect(await things.runsOf('asked', 'Plan'), 'a plan that waits').to.have.length(1);
    const resource = await things.findResource('asked');
    expect(resource?.metadata.deletionTimestamp).to.equal(undefined);
    expect(await things.findThing('asked')).not.to.equal(undefined);
    await things.approvePlan(id, plan);
    await awaitEnd(id, 'asked');
  });

  it('destroy nothing that has moved since, and are asked about again', async () => {
    const id = await makeReady('moved');
    await remove(id);
    const plan = await things.planReady(id);
    await paint('moved', 'purple');
    await things.approvePlan(id, plan);
    const again = await awaitQuestion(id, 3);
    expect(again).to.include({ status: 'deleting', revision: 2 });
    expect((await things.findThing('moved'))?.data).to.deep.equal({ color: 'purple' });
    const newer = await things.planReady(id, plan.body.digest);
    const resource = await things.findResource('moved');
    const ready = findCondition(resource?.status?.conditions, 'Ready');
    expect(ready?.reason).to.equal('ApprovalOutdated');
    expect(ready?.message).to.contain('What is there has changed since the plan was made');
    await things.approvePlan(id, newer);
    await awaitEnd(id, 'moved');
  });

  it('by kubectl wait too; a no leaves it waiting, and it is asked about again on demand', async () => {
    const id = await makeReady('kubectl');
    await removeResource('kubectl');
    const waiting = await awaitQuestion(id, 2);
    expect(waiting).to.include({ status: 'deleting', revision: 1 });
    const plan = await things.planReady(id);
    expect(plan.body).to.deep.include({ changes: { add: 0, change: 0, destroy: 1 } });
    const { approver, developer } = things.team;
    const no = await approver.client.post(`${REQUESTS}/${id}/reject`, { reason: 'in use' });
    expect(no.status).to.equal(200);
    const resource = (await things.findResource('kubectl'))!;
    expect(findCondition(resource.status?.conditions, 'Ready')?.reason).to.equal(
      'AwaitingApproval',
    );
    const { database, classes } = things.api.deps;
    await database.withSystem('test', (trx) =>
      askAboutDeletion(trx, classes, { requestId: id, resource }),
    );
    expect(await things.show(id)).to.include({ status: 'deleting', pending_revision: null });
    const retried = await developer.client.post<WithPlan>(`${REQUESTS}/${id}/retry`);
    expect(retried.body).to.include({ status: 'deleting', pending_revision: 3 });
    await things.approvePlan(id, await things.planReady(id));
    await awaitEnd(id, 'kubectl');
  });

  it('of what was made with kubectl write the approval and nothing else, also when its class is gone', async () => {
    const leaving = await things.createClass('leaving', approval);
    const { namespace } = things.team;
    await things.world.client.create<ResourceRequest>(RESOURCE_REQUESTS, {
      ...{ apiVersion: API_VERSION, kind: 'ResourceRequest' },
      metadata: { namespace, name: 'applied' },
      spec: { className: leaving, parameters: { color: 'red' } },
    });
    const id = await eventually(async () => {
      const { client } = things.team.readOnly;
      const list = await client.get<{ items: WithPlan[] }>(`${REQUESTS}?class_name=${leaving}`);
      const [found] = list.body.items;
      expect(found?.status).to.equal('ready');
      return found!.id;
    }, PATIENCE_MS);
    await things.world.client.delete(RESOURCE_CLASSES, { name: leaving });
    await removeResource('applied');
    await awaitQuestion(id, 2);
    const plan = await things.planReady(id);
    await things.world.stopOperator();
    await things.approvePlan(id, plan);
    const resource = await eventually(async () => {
      const found = await things.findResource('applied');
      expect(found?.spec.approval).not.to.equal(undefined);
      return found!;
    });
    expect(Object.keys(resource.spec).sort()).to.deep.equal([
      ...['approval', 'className', 'parameters'],
    ]);
    expect(await things.findThing('applied')).not.to.equal(undefined);
    await things.world.startOperator();
    await awaitEnd(id, 'applied');
  });

  it('need nobody where nothing was made', async () => {
    await things.world.stopOperator();
    const { id } = await things.make('unmade', className);
    await eventually(async () =>
      expect(await things.findResource('unmade')).not.to.equal(undefined),
    );
    await eventually(async () => {
      const { status } = await things.show(id);
      expect(status).not.to.equal('pending');
      const row = await things.api.deps.database.withSystem('test', (trx) =>
        trx('resource_requests').where({ id }).first<{ resource_uid: string | null }>(),
      );
      expect(row.resource_uid).not.to.equal(null);
    });
    await remove(id);
    await things.becomes(id, 'deleted');
    await things.world.startOperator();
  });

  it('are approved without a plan where the class skips it', async () => {
    const blind = await things.createClass('blind', { ...approval, preview: 'Skipped' });
    const { id } = await things.make('blind', blind);
    await things.becomes(id, 'ready');
    await removeResource('blind');
    expect((await awaitQuestion(id, 2)).plan).to.equal(null);
    expect(await things.runsOf('blind', 'Plan')).to.deep.equal([]);
    expect((await approve(things.team.approver.client, id)).status).to.equal(200);
    await awaitEnd(id, 'blind');
  });
});
