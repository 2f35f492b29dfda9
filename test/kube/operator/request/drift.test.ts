import { expect } from 'chai';
import { findCondition } from '../../../../crds/condition.ts';
import type { ResourceClass } from '../../../../crds/resource-class.ts';
import type { ResourceRun } from '../../../../crds/resource-run.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import type { KubeObject } from '../../../../lib/kube/objects.ts';
import { eventually } from '../../../support/eventually.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { databaseClass, OperatorWorld } from '../../../support/operator/operator-world.ts';
import type { ReportedResult } from '../../../../operator/run-api/run-result.ts';

const CLEAN: ReportedResult = { outcome: 'succeeded', drift: { resources: [], omitted: 0 } };
const DRIFTED: ReportedResult = {
  outcome: 'succeeded',
  changes: { add: 0, change: 1, destroy: 0 },
  drift: {
    resources: [{ address: 'module.resource.db.this', action: 'update', attributes: ['size'] }],
    omitted: 0,
  },
};
const FAILED: ReportedResult = {
  outcome: 'failed',
  failure: { type: 'Configuration', message: 'no such region' },
};

describe('the operator looks for drift', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  let world: OperatorWorld;
  const classes: Record<string, ResourceClass> = {};

  before(async () => {
    world = await OperatorWorld.start(cluster, { MAX_CONCURRENT_RUNS: '1' });
    const rules = {
      often: { interval: '10s', action: 'Report' },
      report: { interval: '1d', action: 'Report' },
      reapply: { interval: '1d', action: 'Reapply' },
    };
    for (const [name, drift] of Object.entries(rules)) {
      classes[name] = await world.createClass(name, { ...databaseClass, drift });
    }
  });
  after(() => world.stop());

  async function makeReady(name: string, kind: string): Promise<void> {
    await world.makeReady(name, classes[kind]!.metadata.name);
    await world.patch(name, { spec: { approval: null } });
  }

  /** Asks for a check, which is what becomes of a wish without an approval, and gives its result. */
  async function check(name: string, result?: ReportedResult): Promise<string> {
    const wish = `${Date.now()}`;
    await world.patch(name, {
      metadata: { annotations: { 'quartermaster.dev/reconcile-at': wish } },
    });
    return result === undefined ? wish : world.finishRun(name, result);
  }

  async function runsOf(name: string, action: string): Promise<ResourceRun[]> {
    return (await world.runs(name)).filter(({ spec }) => spec.action === action);
  }

  async function startedRun(name: string, action: string): Promise<ResourceRun> {
    return eventually(async () => {
      const run = (await runsOf(name, action)).find(({ status }) => status?.jobName !== undefined);
      if (run === undefined) throw new Error(`no ${action} run of ${name}`);
      return run;
    });
  }

  /** Waits until a run of that action is the one in progress. */
  function currentRun(name: string, action: string, timeoutMs = 10_000): Promise<string> {
    return eventually(async () => {
      const current = (await world.request(name)).status?.run;
      if (current?.action !== action) throw new Error(`no ${action} of ${name} in progress`);
      return current.name;
    }, timeoutMs);
  }

  it('on the interval of the class, and stays Ready meanwhile', async () => {
    await makeReady('often', 'often');
    const run = await currentRun('often', 'Check', 30_000);
    const during = await world.request('often');
    expect(findCondition(during.status?.conditions, 'Ready')?.status).to.equal('True');
    expect(findCondition(during.status?.conditions, 'Reconciling')?.status).to.equal('False');
    expect(await world.finishRun('often', CLEAN)).to.equal(run);
    await world.awaitCondition('often', 'Drifted', { status: 'False', reason: 'InSync' });
    await world.patch('often', {
      metadata: { annotations: { 'quartermaster.dev/paused': 'true' } },
    });
  });

  it('and says what differs, once as an Event, and does nothing about it', async () => {
    await makeReady('report', 'report');
    await check('report', DRIFTED);
    const { status } = await world.awaitCondition('report', 'Drifted', { status: 'True' });
    expect(findCondition(status?.conditions, 'Drifted')?.message).to.include(
      'module.resource.db.this (update: size)',
    );
    expect(findCondition(status?.conditions, 'Ready')?.status).to.equal('True');
    await check('report', DRIFTED);
    await eventually(async () => expect(await runsOf('report', 'Check')).to.have.length(2));
    await world.awaitCondition('report', 'Reconciling', { status: 'False' });
    expect(await runsOf('report', 'Apply')).to.have.length(1);
    await eventually(async () => {
      const events = await world.client.list<KubeObject & { reason?: string }>(
        RESOURCE_TYPES.events,
        { namespace: world.namespaces.project },
      );
      expect(events.filter(({ reason }) => reason === 'Drifted')).to.have.length(1);
    });
  });

  it('and says when the look failed, which takes nothing away from what runs', async () => {
    await makeReady('blind', 'report');
    await check('blind', FAILED);
    const { status } = await world.awaitCondition('blind', 'Drifted', { reason: 'CheckFailed' });
    expect(findCondition(status?.conditions, 'Drifted')?.message).to.include('no such region');
    expect(findCondition(status?.conditions, 'Ready')).to.include({
      status: 'True',
      reason: 'Available',
    });
    expect(status?.failure).to.equal(undefined);
  });

  it('and applies what was approved again where the class says so, once and not on end', async () => {
    await makeReady('repair', 'reapply');
    await check('repair', DRIFTED);
    await currentRun('repair', 'Apply');
    await world.finishRun('repair');
    await world.awaitCondition('repair', 'Drifted', { status: 'False', reason: 'Reapplied' });
    await check('repair', DRIFTED);
    const { status } = await world.awaitCondition('repair', 'Drifted', { status: 'True' });
    expect(findCondition(status?.conditions, 'Drifted')?.message).to.match(/again at \S+Z\.$/);
    expect(await runsOf('repair', 'Apply')).to.have.length(2);
  });

  it('but not before real work, and gives way to a change of the same request', async () => {
    await makeReady('modest', 'report');
    await makeReady('other', 'report');
    // The one place is taken, so the check waits for its turn.
    await world.createRequest('busy', { className: classes['report']!.metadata.name });
    await world.approve('busy');
    await startedRun('busy', 'Apply');
    await check('modest');
    await eventually(async () => expect(await runsOf('modest', 'Check')).to.have.length(1));
    await world.patch('modest', { spec: { parameters: { size: 5 } } });
    await world.approve('modest');
    await eventually(async () => {
      const [waiting] = await runsOf('modest', 'Check');
      expect(waiting?.status?.failure?.type).to.equal('Interrupted');
      expect(await runsOf('modest', 'Apply')).to.have.length(2);
    });
    await world.finishRun('busy');
    await currentRun('modest', 'Apply');
    await world.finishRun('modest');
    const { status } = await world.awaitCondition('modest', 'Ready', { status: 'True' });
    expect(status?.failure).to.equal(undefined);
  });

  it('and what is under way ends before a change begins, and before a deletion', async () => {
    await makeReady('patient', 'report');
    await check('patient');
    await startedRun('patient', 'Check');
    await world.patch('patient', { spec: { parameters: { size: 5 } } });
    await world.approve('patient');
    await world.finishRun('patient', CLEAN);
    await currentRun('patient', 'Apply');
    await world.finishRun('patient');
    await world.awaitCondition('patient', 'Ready', { status: 'True', reason: 'Available' });
    await world.patch('patient', { spec: { approval: null } });
    await check('patient');
    const run = await currentRun('patient', 'Check');
    const { uid } = (await world.request('patient')).metadata;
    await world.delete('patient');
    expect(await world.finishRun('patient', CLEAN)).to.equal(run);
    await currentRun('patient', 'Destroy');
    await world.finishRun('patient', { outcome: 'succeeded' });
    await world.awaitGone('patient', uid!);
  });

  it('goes on with one that was under way after a restart', async () => {
    await makeReady('restart', 'report');
    await check('restart');
    await currentRun('restart', 'Check');
    await startedRun('restart', 'Check');
    await world.stopOperator();
    await world.startOperator();
    await world.finishRun('restart', DRIFTED);
    await world.awaitCondition('restart', 'Drifted', { status: 'True', reason: 'Drifted' });
    expect(await runsOf('restart', 'Check')).to.have.length(1);
  });
});
