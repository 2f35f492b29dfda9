import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { API_VERSION } from '../../../../crds/constants.ts';
import { findCondition } from '../../../../crds/condition.ts';
import type { ResourceClass } from '../../../../crds/resource-class.ts';
import type { Secret } from '../../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import { eventually } from '../../../support/eventually.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { OperatorWorld } from '../../../support/operator/operator-world.ts';

const FAILED = {
  outcome: 'failed' as const,
  failure: { type: 'Configuration' as const, message: 'no such region' },
};

describe('the operator takes a request through its life', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  let world: OperatorWorld;
  let database: ResourceClass;

  before(async () => {
    world = await OperatorWorld.start(cluster);
    database = await world.createClass('database');
  });
  after(() => world.stop());

  function decode(secret: Secret | undefined): Record<string, string> {
    return Object.fromEntries(
      Object.entries(secret?.data ?? {}).map(([key, value]) => [
        key,
        Buffer.from(value, 'base64').toString(),
      ]),
    );
  }

  async function countRunsAndJobs(name: string): Promise<[number, number]> {
    const runs = await world.runs(name);
    const jobs = await world.client.list(RESOURCE_TYPES.jobs, {
      namespace: world.namespaces.runs,
      labelSelector: `quartermaster.dev/request-name=${name}`,
    });
    return [runs.length, jobs.length];
  }

  it('starts one run with one Job, also after a restart in between and visits on end', async () => {
    await world.createRequest('once', { className: database.metadata.name });
    await world.approve('once');
    await eventually(async () => expect(await countRunsAndJobs('once')).to.deep.equal([1, 1]));
    await world.stopOperator();
    await world.startOperator();
    for (let visit = 0; visit < 5; visit += 1) {
      await world.patch('once', { metadata: { annotations: { visit: String(visit) } } });
    }
    await sleep(500);
    expect(await countRunsAndJobs('once')).to.deep.equal([1, 1]);
    await world.finishRun('once');
    const request = await world.awaitCondition('once', 'Ready', { status: 'True' });
    expect(request.status?.run).to.equal(undefined);
    expect(request.status?.outputs).to.deep.equal({ address: 'db.local' });
    expect(request.status?.approval?.approvedBy).to.equal('approver@example.com');
    await eventually(async () => expect(await countRunsAndJobs('once')).to.deep.equal([1, 0]));
  });

  it('writes the credentials as a Service Binding Secret, and says where', async () => {
    const request = await world.makeReady('binding', database.metadata.name);
    const secret = await world.secret('binding');
    expect(request.status?.binding?.name).to.equal('binding-credentials');
    expect(secret?.type).to.equal('servicebinding.io/postgresql');
    expect(decode(secret)).to.deep.equal({
      type: 'postgresql',
      provider: 'quartermaster',
      host: 'db.local',
      password: 'pa55word-of-the-test',
    });
    expect(JSON.stringify(await world.request('binding'))).not.to.include('pa55word');
  });

  it('repairs an edited and a deleted Secret within seconds', async () => {
    await world.makeReady('repair', database.metadata.name);
    const original = decode(await world.secret('repair'));
    const key = { namespace: world.namespaces.project, name: 'repair-credentials' };
    await world.client.mergePatch(RESOURCE_TYPES.secrets, key, {
      data: { password: Buffer.from('mine').toString('base64'), extra: 'eA==' },
    });
    await eventually(async () => {
      expect(decode(await world.secret('repair'))).to.deep.equal(original);
    }, 5_000);
    await world.client.delete(RESOURCE_TYPES.secrets, key);
    await eventually(async () => {
      expect(decode(await world.secret('repair'))).to.deep.equal(original);
    }, 5_000);
    await world.client.mergePatch(RESOURCE_TYPES.secrets, key, {
      metadata: { labels: { 'app.kubernetes.io/managed-by': null } },
    });
    await eventually(async () => {
      const labels = (await world.secret('repair'))?.metadata.labels;
      expect(labels?.['app.kubernetes.io/managed-by']).to.equal('quartermaster');
    }, 5_000);
  });

  it('leaves a foreign Secret of that name alone, and says so', async () => {
    const foreign = {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { namespace: world.namespaces.project, name: 'foreign-credentials' },
      data: { mine: 'eA==' },
    };
    await world.client.create(RESOURCE_TYPES.secrets, foreign);
    await world.createRequest('foreign', { className: database.metadata.name });
    await world.approve('foreign');
    await world.finishRun('foreign');
    await world.awaitCondition('foreign', 'CredentialsReady', {
      status: 'False',
      reason: 'CredentialsConflict',
    });
    const request = await world.awaitCondition('foreign', 'Ready', {
      status: 'False',
      reason: 'CredentialsConflict',
    });
    expect(request.status?.binding).to.equal(undefined);
    expect((await world.secret('foreign'))?.data).to.deep.equal({ mine: 'eA==' });

    await world.delete('foreign');
    await world.finishRun('foreign', { outcome: 'succeeded' });
    await world.awaitGone('foreign', request.metadata.uid!);
    expect((await world.secret('foreign'))?.data).to.deep.equal({ mine: 'eA==' });
  });

  it('changes nothing after an edit until that is approved, and stays Ready', async () => {
    await world.makeReady('edited', database.metadata.name);
    await world.patch('edited', { spec: { parameters: { size: 5 } } });
    await world.awaitCondition('edited', 'Approved', {
      status: 'False',
      reason: 'ApprovalOutdated',
    });
    await world.awaitCondition('edited', 'Ready', { status: 'True', reason: 'Available' });
    await world.awaitCondition('edited', 'Reconciling', { status: 'False' });
    expect(await world.runs('edited')).to.have.length(1);

    await world.approve('edited');
    await world.finishRun('edited');
    const request = await world.awaitCondition('edited', 'Ready', { status: 'True' });
    const runs = await world.runs('edited');
    expect(runs).to.have.length(2);
    const applied = runs.find(({ metadata }) => metadata.name === request.status?.applied?.run);
    expect(applied?.spec.parameters).to.deep.equal({ size: 5 });
  });

  it('goes back to Ready without a run when an edit is taken back', async () => {
    await world.makeReady('back', database.metadata.name);
    await world.patch('back', { spec: { parameters: { size: 7 } } });
    await world.awaitCondition('back', 'Approved', { status: 'False' });
    await world.patch('back', { spec: { parameters: null } });
    await world.awaitCondition('back', 'Approved', { status: 'True' });
    expect(await world.runs('back')).to.have.length(1);
  });

  it('shows a typed failure, and tries again when asked', async () => {
    await world.createRequest('fails', { className: database.metadata.name });
    await world.approve('fails');
    await world.finishRun('fails', FAILED);
    const request = await world.awaitCondition('fails', 'Ready', { reason: 'RunFailed' });
    expect(request.status?.failure).to.deep.equal(FAILED.failure);
    await world.awaitCondition('fails', 'Stalled', { status: 'True', reason: 'RunFailed' });
    expect(await world.runs('fails')).to.have.length(1);

    await world.patch('fails', {
      metadata: { annotations: { 'quartermaster.dev/reconcile-at': new Date().toISOString() } },
    });
    await world.finishRun('fails');
    const ready = await world.awaitCondition('fails', 'Ready', { status: 'True' });
    expect(ready.status?.failure).to.equal(undefined);
    expect((await world.runs('fails')).map(({ spec }) => spec.attempt)).to.have.members([1, 2]);
  });

  it('tries a transient failure again by itself, later each time, until it is another', async () => {
    const transient = {
      outcome: 'failed' as const,
      failure: { type: 'Transient' as const, message: 'connection reset' },
    };
    await world.createRequest('flaky', { className: database.metadata.name });
    await world.approve('flaky');
    await world.finishRun('flaky', transient);
    await world.awaitCondition('flaky', 'Reconciling', { status: 'True', reason: 'RetryWaiting' });
    await eventually(async () => expect(await world.runs('flaky')).to.have.length(2), 15_000);
    await world.finishRun('flaky', transient);
    await world.awaitCondition('flaky', 'Reconciling', { status: 'True', reason: 'RetryWaiting' });
    await eventually(async () => expect(await world.runs('flaky')).to.have.length(3), 25_000);
    await world.finishRun('flaky', FAILED);
    await world.awaitCondition('flaky', 'Stalled', { status: 'True', reason: 'RunFailed' });
    expect((await world.request('flaky')).status?.failure?.retryAt).to.equal(undefined);
  });

  it('starts nothing while it is paused', async () => {
    await world.client.create(
      {
        group: 'quartermaster.dev',
        version: 'v1alpha1',
        plural: 'resourcerequests',
        kind: 'ResourceRequest',
        namespaced: true,
      },
      {
        apiVersion: API_VERSION,
        kind: 'ResourceRequest',
        metadata: {
          name: 'paused',
          namespace: world.namespaces.project,
          annotations: { 'quartermaster.dev/paused': 'true' },
        },
        spec: { className: database.metadata.name },
      } as never,
    );
    await world.approve('paused');
    await world.awaitCondition('paused', 'Ready', { status: 'False', reason: 'Paused' });
    expect(await world.runs('paused')).to.have.length(0);
    await world.patch('paused', {
      metadata: { annotations: { 'quartermaster.dev/paused': null } },
    });
    await world.finishRun('paused');
    await world.awaitCondition('paused', 'Ready', { status: 'True' });
  });

  describe('deletion leaves nothing', () => {
    it('of a request that was never started', async () => {
      const { uid } = (await world.createRequest('never', { className: database.metadata.name }))
        .metadata;
      await world.awaitCondition('never', 'Ready', { reason: 'AwaitingApproval' });
      await world.delete('never');
      await world.awaitGone('never', uid!);
    });

    it('of a request whose run failed: what it may have made is destroyed first', async () => {
      const { uid } = (await world.createRequest('half', { className: database.metadata.name }))
        .metadata;
      await world.approve('half');
      await world.finishRun('half', FAILED);
      await world.awaitCondition('half', 'Ready', { reason: 'RunFailed' });
      await world.delete('half');
      const run = await world.finishRun('half', { outcome: 'succeeded' });
      expect(run).to.include('-destroy-');
      await world.awaitGone('half', uid!);
    });

    it('of a ready one: destroyed as it was applied, whatever was edited since', async () => {
      const { uid } = (await world.makeReady('whole', database.metadata.name)).metadata;
      await world.patch('whole', { spec: { parameters: { size: 9 }, deletionPolicy: 'Retain' } });
      await world.delete('whole');
      await eventually(async () => {
        const destroy = (await world.runs('whole')).find(({ spec }) => spec.action === 'Destroy');
        expect(destroy?.spec.parameters).to.deep.equal({ size: 1 });
      });
      const request = await world.request('whole');
      expect(findCondition(request.status?.conditions, 'Ready')?.reason).to.equal('Deprovisioning');
      await world.finishRun('whole', { outcome: 'succeeded' });
      await world.awaitGone('whole', uid!);
      expect(await world.secret('whole')).to.equal(undefined);
    });

    it('and waits while a destroy has failed, until somebody asks again', async () => {
      const { uid } = (await world.makeReady('stuck', database.metadata.name)).metadata;
      await world.delete('stuck');
      await world.finishRun('stuck', FAILED);
      await world.awaitCondition('stuck', 'Ready', {
        status: 'False',
        reason: 'DeprovisioningFailed',
      });
      await world.stopOperator();
      await world.startOperator();
      await sleep(300);
      expect((await world.findRequest('stuck'))?.metadata.finalizers).to.have.length(1);
      await world.patch('stuck', {
        metadata: { annotations: { 'quartermaster.dev/reconcile-at': 'now' } },
      });
      await world.finishRun('stuck', { outcome: 'succeeded' });
      await world.awaitGone('stuck', uid!);
    });

    it('but what was made stays where the approved policy is Retain', async () => {
      const { uid } = (
        await world.createRequest('kept', {
          className: database.metadata.name,
          deletionPolicy: 'Retain',
        })
      ).metadata;
      await world.approve('kept');
      await world.finishRun('kept');
      await world.awaitCondition('kept', 'Ready', { status: 'True' });
      await world.delete('kept');
      await world.awaitGone('kept', uid!);
    });

    it('and is held back by the protection annotation', async () => {
      const { uid } = (await world.makeReady('guarded', database.metadata.name)).metadata;
      const annotation = 'quartermaster.dev/deletion-protection';
      await world.patch('guarded', { metadata: { annotations: { [annotation]: 'true' } } });
      await world.delete('guarded');
      await world.awaitCondition('guarded', 'Ready', {
        status: 'False',
        reason: 'DeletionProtected',
      });
      expect(await world.runs('guarded')).to.have.length(1);
      await world.patch('guarded', { metadata: { annotations: { [annotation]: null } } });
      await world.finishRun('guarded', { outcome: 'succeeded' });
      await world.awaitGone('guarded', uid!);
    });

    it('and the same name can be made again at once', async () => {
      const { uid } = (await world.makeReady('phoenix', database.metadata.name)).metadata;
      await world.delete('phoenix');
      await world.finishRun('phoenix', { outcome: 'succeeded' });
      await world.awaitGone('phoenix', uid!);
      await world.makeReady('phoenix', database.metadata.name);
    });
  });
});
