import { expect } from 'chai';
import type { ReportedResult } from '../../../../operator/run-api/run-result.ts';
import type { RunSpec } from '../../../../operator/terraform/run-contract.ts';
import { eventually } from '../../../support/eventually.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { databaseClass, OperatorWorld } from '../../../support/operator/operator-world.ts';

/** A module that gives back the password that it was given. */
function succeed({ variables }: RunSpec): ReportedResult {
  const values = { password: variables['password'], address: 'db.local' };
  return { outcome: 'succeeded', outputs: { values, sensitive: ['password'] } };
}

function fail(type: 'Configuration' | 'Transient'): ReportedResult {
  return { outcome: 'failed', failure: { type, message: 'the database is away' } };
}

describe('the operator rotates credentials', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  let world: OperatorWorld;
  let className: string;

  before(async () => {
    world = await OperatorWorld.start(cluster);
    const spec = { ...databaseClass, generated: { password: { length: 32 } } };
    className = (await world.createClass('rotated', spec)).metadata.name;
  });
  after(() => world.stop());

  async function makeReady(name: string): Promise<string> {
    await world.createRequest(name, { className });
    // Just long enough for the first run.
    await world.approve(name, { exp: Math.floor(Date.now() / 1000) + 3 });
    await world.finishRun(name, succeed);
    await world.awaitCondition(name, 'Ready', { status: 'True', reason: 'Available' });
    return readPassword(name);
  }

  async function readPassword(name: string): Promise<string> {
    const text = (await world.secret(name))?.data?.['password'] ?? '';
    return Buffer.from(text, 'base64').toString();
  }

  function rotate(name: string, when: string): Promise<unknown> {
    const annotations = { 'quartermaster.dev/rotate-at': when };
    return world.patch(name, { metadata: { annotations } });
  }

  it('in place, with new values, when the approval has long expired', async () => {
    const old = await makeReady('place');
    const { uid } = (await world.secret('place'))?.metadata ?? {};
    await new Promise((resolve) => setTimeout(resolve, 3_000));
    await rotate('place', 'now');
    await world.finishRun('place', succeed);
    await eventually(async () => expect(await readPassword('place')).not.to.equal(old));
    await world.awaitCondition('place', 'Ready', { status: 'True', reason: 'Available' });
    expect((await world.secret('place'))?.metadata.uid).to.equal(uid);
    expect(await world.runs('place')).to.have.length(2);
    expect(JSON.stringify(await world.request('place'))).not.to.include(
      await readPassword('place'),
    );
  });

  it('so that a failed one leaves the old values, and every retry is given the same new ones', async () => {
    const old = await makeReady('retried');
    const given: unknown[] = [];
    const failing =
      (type: 'Configuration' | 'Transient') =>
      ({ variables }: RunSpec): ReportedResult => {
        given.push(variables['password']);
        return fail(type);
      };
    await rotate('retried', 'now');
    await world.finishRun('retried', failing('Transient'));
    await world.awaitCondition('retried', 'Reconciling', { reason: 'RetryWaiting' });
    expect(await readPassword('retried')).to.equal(old);
    await eventually(async () => expect(await world.runs('retried')).to.have.length(3), 15_000);
    await world.finishRun('retried', failing('Configuration'));
    await world.awaitCondition('retried', 'Stalled', { status: 'True', reason: 'RunFailed' });
    expect(await readPassword('retried')).to.equal(old);

    await world.stopOperator();
    await world.startOperator();
    await world.patch('retried', {
      metadata: { annotations: { 'quartermaster.dev/reconcile-at': 'now' } },
    });
    await world.finishRun('retried', succeed);
    await eventually(async () => expect(await readPassword('retried')).to.equal(given[0]));
    expect(given[0]).not.to.equal(old);
    expect(given[1]).to.equal(given[0]);
  });

  it('at the time that was given, and not before', async () => {
    await makeReady('timed');
    await rotate('timed', new Date(Date.now() + 2_500).toISOString());
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await world.runs('timed')).to.have.length(1);
    await eventually(async () => expect(await world.runs('timed')).to.have.length(2), 5_000);
    await world.finishRun('timed', succeed);
    await world.awaitCondition('timed', 'Ready', { status: 'True', reason: 'Available' });
  });
});
