import { expect } from 'chai';
import { reopenOutdated } from '../../../api/sync/plans/reopen-outdated.ts';
import { inputsDigest } from '../../../crds/approval.ts';
import { findCondition } from '../../../crds/condition.ts';
import { ANNOTATIONS, API_VERSION } from '../../../crds/constants.ts';
import {
  RESOURCE_CLASSES,
  RESOURCE_REQUESTS,
  RESOURCE_RUNS,
} from '../../../crds/resource-types.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import type { Team } from '../../support/api/people.ts';
import { eventually } from '../../support/eventually.ts';
import type { OperatorWorld } from '../../support/operator/operator-world.ts';
import {
  COLOR,
  PATIENCE_MS,
  usePlannedThings,
  type WithPlan,
} from '../../support/requests/planned-things.ts';
import { REQUESTS, type Shown } from '../../support/requests/requests.ts';
import type { SyncedApi } from '../../support/requests/synced-api.ts';

describe('plans by way of the api, with a real operator and engine', function () {
  this.timeout(3 * PATIENCE_MS);
  const things = usePlannedThings();
  let world: OperatorWorld;
  let api: SyncedApi;
  let team: Team;
  let className: string;

  before(async () => {
    ({ world, api, team } = things);
    className = await things.createClass('colored', { preview: 'Required' });
  });

  const make = (name: string, parameters: object = {}): Promise<WithPlan> =>
    things.make(name, className, parameters);

  it('are made before there is a resource, and exactly that is applied when it is approved', async () => {
    const { id } = await make('fresh', { color: 'green' });
    const plan = await things.planReady(id);
    expect(plan.body.changes).to.deep.equal({ add: 1, change: 0, destroy: 0 });
    expect(plan.body.text).to.contain('kubectl_manifest.thing');
    expect(await things.findResource('fresh')).to.equal(undefined);
    const [run] = await things.runsOf('fresh', 'Plan');
    const { digest = '', revisionName } = api.sync.classes.find(className)?.status ?? {};
    expect(run?.spec).to.deep.include({
      requestRef: { namespace: team.namespace, name: 'fresh', uid: id },
      classRevision: revisionName,
      inputsDigest: inputsDigest({
        ...{ classDigest: digest, namespace: team.namespace, name: 'fresh' },
        ...{ parameters: { color: 'green' }, deletionPolicy: undefined },
      }),
    });
    await things.sweep();
    expect(await things.runsOf('fresh', 'Plan'), 'a plan that waits').to.have.length(1);
    await things.approvePlan(id, plan);
    await things.becomes(id, 'ready');
    expect((await things.findThing('fresh'))?.data).to.deep.equal({ color: 'green' });
    const applied = await things.runsOf('fresh', 'Apply');
    expect(applied.map(({ spec }) => spec.planDigest)).to.deep.equal([plan.body.digest]);
    await things.sweep();
    expect(await things.runsOf('fresh', 'Plan'), 'a plan that was applied').to.deep.equal([]);
  });

  it('of a change are made on what stands, and what moved meanwhile is asked about again', async () => {
    const { id } = await make('moved');
    await things.approvePlan(id, await things.planReady(id));
    await things.becomes(id, 'ready');
    await team.developer.client.patch(`${REQUESTS}/${id}`, { parameters: { color: 'red' } });
    const plan = await things.planReady(id);
    expect(plan.body).to.deep.include({ revision: 2, changes: { add: 0, change: 1, destroy: 0 } });
    await world.client.delete(
      RESOURCE_TYPES.configMaps,
      (await things.findThing('moved'))!.metadata,
    );
    await things.approvePlan(id, plan);
    const again = await things.planReady(id, plan.body.digest);
    expect(again.body).to.deep.include({ revision: 3, changes: { add: 1, change: 0, destroy: 0 } });
    expect(await things.findThing('moved')).to.equal(undefined);
    const waiting = await things.show(id);
    expect(waiting).to.deep.include({ revision: 2, pending_revision: 3 });
    const events = await team.readOnly.client.get<{ items: { type: string; message: string }[] }>(
      `${REQUESTS}/${id}/events`,
    );
    const outdated = events.body.items.find(({ type }) => type === 'plan_outdated');
    expect(outdated?.message).to.contain('What is there has changed since the plan was made');
    await team.approver.client.post(`${REQUESTS}/${id}/reject`, { reason: 'not now' });
    const resource = (await things.findResource('moved'))!;
    await api.deps.database.withSystem('test', (trx) => reopenOutdated(trx, id, resource));
    expect(await things.show(id), 'what people said no to').to.include({ pending_revision: null });
    await team.developer.client.patch(`${REQUESTS}/${id}`, { parameters: { color: 'red' } });
    await things.approvePlan(id, await things.planReady(id, again.body.digest));
    await things.becomes(id, 'ready');
    expect((await things.findThing('moved'))?.data).to.deep.equal({ color: 'red' });
  });

  it('of what runs already put right what somebody has taken away', async () => {
    const { id } = await make('robbed', { color: 'red' });
    await things.approvePlan(id, await things.planReady(id));
    await things.becomes(id, 'ready');
    await world.client.delete(
      RESOURCE_TYPES.configMaps,
      (await things.findThing('robbed'))!.metadata,
    );
    await team.developer.client.patch(`${REQUESTS}/${id}`, { parameters: { color: 'red' } });
    const plan = await things.planReady(id);
    expect(plan.body).to.deep.include({ revision: 2, changes: { add: 1, change: 0, destroy: 0 } });
    await things.approvePlan(id, plan);
    await eventually(async () => {
      expect((await things.findThing('robbed'))?.data).to.deep.equal({ color: 'red' });
    }, PATIENCE_MS);
  });

  it('of a newer class are made when somebody asks for it, and moving takes exactly that', async () => {
    const before = className;
    className = await things.createClass('renewed', { preview: 'Required' });
    const { id } = await make('renewed');
    await things.approvePlan(id, await things.planReady(id));
    await things.becomes(id, 'ready');
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
    const plan = await things.planReady(id);
    expect(plan.body).to.deep.include({ revision: 2, changes: { add: 0, change: 0, destroy: 0 } });
    const isMoved = async (): Promise<boolean> =>
      (await things.findResource('renewed'))?.status?.applied?.classRevision === revisionName;
    expect(await isMoved(), 'before anybody has agreed').to.equal(false);
    await things.approvePlan(id, plan);
    await eventually(async () => expect(await isMoved()).to.equal(true), PATIENCE_MS);
    const applied = await things.runsOf('renewed', 'Apply');
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
    const plan = await things.planReady(id);
    expect(plan.body.run).to.equal((await things.findResource('foreign'))?.status?.plan?.run);
    await things.approvePlan(id, plan);
    await things.becomes(id, 'ready');
    const { spec } = (await things.findResource('foreign'))!;
    expect(Object.keys(spec).sort()).to.deep.equal(['approval', 'className', 'parameters']);
    expect((await things.findThing('foreign'))?.data).to.deep.equal({ color: 'grey' });
  });

  it('name the request as everything does that is made of it later', async () => {
    const before = className;
    className = await things.createClass('named', { preview: 'Required' }, COLOR, {
      ...{ parameters: { type: 'object', additionalProperties: false } },
      variables: {
        ...{ namespace: '${request.namespace}', name: '${request.name}' },
        color: '${request.uid}',
      },
    });
    const { id } = await make('named');
    className = before;
    await things.approvePlan(id, await things.planReady(id));
    await things.becomes(id, 'ready');
    expect((await things.findThing('named'))?.data).to.deep.equal({ color: id });
    const { metadata } = (await things.findResource('named'))!;
    expect(metadata.uid).not.to.equal(id);
    const annotations = { [ANNOTATIONS.reconcileAt]: 'now' };
    await world.client.mergePatch(RESOURCE_REQUESTS, metadata, { metadata: { annotations } });
    await eventually(async () => {
      const drifted = findCondition(
        (await things.findResource('named'))?.status?.conditions,
        'Drifted',
      );
      expect(drifted, JSON.stringify(drifted)).to.include({ status: 'False', reason: 'InSync' });
    }, PATIENCE_MS);
  });

  it('that nobody wants any more are deleted with their runs', async () => {
    const { id } = await make('unwanted');
    await things.planReady(id);
    await team.developer.client.post(`${REQUESTS}/${id}/cancel`);
    await things.sweep();
    expect(await things.runsOf('unwanted', 'Plan')).to.deep.equal([]);
  });

  it('whose run was deleted are made anew, and the old one cannot be approved', async () => {
    const { id } = await make('lost');
    const plan = await things.planReady(id);
    const [run] = await things.runsOf('lost', 'Plan');
    await world.client.delete(RESOURCE_RUNS, run!.metadata);
    await things.sweep();
    const headers = { 'if-match': plan.headers.get('etag') ?? '' };
    const late = await team.approver.client.post(`${REQUESTS}/${id}/approve`, {}, { headers });
    expect(late.status).to.equal(412);
    const anew = await things.planReady(id);
    expect(anew.body.run).not.to.equal(plan.body.run);
  });

  it('inside the bounds of the class are approved and applied by the platform', async () => {
    const before = className;
    className = await things.createClass('bounded', {
      mode: 'Automatic',
      autoApprove: { maxDestroy: 0 },
    });
    try {
      const { id } = await make('bounded', { color: 'white' });
      const ready = await things.becomes(id, 'ready');
      expect(ready.decided_by).to.equal(null);
      const { status } = (await things.findResource('bounded'))!;
      expect(status?.approval?.approvedBy).to.equal('platform');
    } finally {
      className = before;
    }
  });

  it('that fail show the error of the engine before anybody is asked', async () => {
    const before = className;
    className = await things.createClass('broken', { preview: 'Required' }, { type: 'array' });
    const { id } = await make('broken', { color: ['not', 'a', 'color'] });
    className = before;
    const failed = await eventually(async () => {
      const { plan } = await things.show(id);
      expect(plan?.status, JSON.stringify(plan)).to.equal('failed');
      return plan;
    }, PATIENCE_MS);
    expect(failed?.failure?.message).to.contain('Invalid value for input variable');
  });
});
