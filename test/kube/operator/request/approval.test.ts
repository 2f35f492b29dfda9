import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { ResourceClass } from '../../../../crds/resource-class.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { databaseClass, OperatorWorld } from '../../../support/operator/operator-world.ts';
import { TestApprover } from '../../../support/operator/test-approver.ts';

/** Long enough for a wrong run to appear. */
const QUIET_MS = 400;

describe('the operator verifies approvals', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  let world: OperatorWorld;
  let database: ResourceClass;

  before(async () => {
    world = await OperatorWorld.start(cluster);
    database = await world.createClass('database');
  });
  after(() => world.stop());

  async function expectNoRun(name: string): Promise<void> {
    await sleep(QUIET_MS);
    expect(await world.runs(name)).to.have.length(0);
  }

  it('starts nothing without an approval, and shows every condition', async () => {
    await world.createRequest('waits', { className: database.metadata.name });
    const request = await world.awaitCondition('waits', 'Ready', {
      status: 'False',
      reason: 'AwaitingApproval',
    });
    expect(request.status?.conditions?.map(({ type }) => type)).to.have.members([
      'Ready',
      'Approved',
      'Provisioned',
      'CredentialsReady',
      'Reconciling',
      'Stalled',
      'Drifted',
      'UpgradeAvailable',
    ]);
    expect(request.status?.observedGeneration).to.equal(request.metadata.generation);
    await expectNoRun('waits');
  });

  const refused = [
    {
      title: 'an approval that somebody else signed',
      name: 'forged',
      reason: 'ApprovalInvalid',
      sign: async () => {
        const forger = await TestApprover.create();
        const claims = { request: `${world.namespaces.project}/forged`, class: 'x', inputs: 'y' };
        return forger.sign(claims);
      },
    },
    {
      title: 'a text that is no approval',
      name: 'text',
      reason: 'ApprovalInvalid',
      sign: () => Promise.resolve('please'),
    },
    {
      title: 'a token of another type, signed with the right key',
      name: 'typed',
      reason: 'ApprovalInvalid',
      sign: () => world.approver.sign({ request: 'a/b', class: 'x', inputs: 'y' }, 'at+jwt'),
    },
    {
      title: 'an approval for another request',
      name: 'other',
      reason: 'ApprovalInvalid',
      sign: async () => world.signFor(await world.request('other'), { request: 'else/where' }),
    },
    {
      title: 'an approval for other inputs',
      name: 'inputs',
      reason: 'ApprovalOutdated',
      sign: async () => {
        const request = await world.request('inputs');
        return world.signFor({ ...request, spec: { ...request.spec, parameters: { size: 9 } } });
      },
    },
    {
      title: 'an approval of another class',
      name: 'classed',
      reason: 'ApprovalOutdated',
      sign: async () => world.signFor(await world.request('classed'), { class: 'sha256:0' }),
    },
    {
      title: 'an expired approval',
      name: 'expired',
      reason: 'ApprovalExpired',
      sign: async () => {
        const now = Math.floor(Date.now() / 1000);
        const request = await world.request('expired');
        return world.signFor(request, { iat: now - 100, exp: now - 1 });
      },
    },
  ];

  for (const { title, name, reason, sign } of refused) {
    it(`starts nothing with ${title} (${reason})`, async () => {
      await world.createRequest(name, { className: database.metadata.name });
      await world.patch(name, { spec: { approval: await sign() } });
      await world.awaitCondition(name, 'Approved', { status: 'False', reason });
      await world.awaitCondition(name, 'Ready', { status: 'False', reason });
      await expectNoRun(name);
    });
  }

  it('lets no approval be used again by a resource that was deleted and made anew', async () => {
    const { uid } = (await world.createRequest('again', { className: database.metadata.name }))
      .metadata;
    const approval = await world.approve('again');
    await world.finishRun('again');
    await world.awaitCondition('again', 'Ready', { status: 'True' });
    await world.delete('again');
    await world.finishRun('again', { outcome: 'succeeded' });
    await world.awaitGone('again', uid!);

    await world.createRequest('again', { className: database.metadata.name, approval });
    await world.awaitCondition('again', 'Approved', { status: 'False', reason: 'ApprovalInvalid' });
    await expectNoRun('again');
  });

  it('needs none for a class that says so, and only the class can say so', async () => {
    const automatic = await world.createClass('automatic', {
      ...databaseClass,
      approval: { mode: 'Automatic' },
    });
    await world.createRequest('automatic', { className: automatic.metadata.name });
    await world.finishRun('automatic');
    await world.awaitCondition('automatic', 'Ready', { status: 'True', reason: 'Available' });
    await world.awaitCondition('automatic', 'Approved', { status: 'True', reason: 'Automatic' });
  });

  it('refuses parameters that the class does not allow, and names the field', async () => {
    await world.createRequest('wrong', {
      className: database.metadata.name,
      parameters: { size: 99, colour: 'red' },
    });
    await world.approve('wrong');
    const request = await world.awaitCondition('wrong', 'Ready', { reason: 'ParametersInvalid' });
    const message = request.status?.conditions?.find(({ type }) => type === 'Ready')?.message;
    expect(message).to.include('/size must be <= 10').and.include('/colour is not a parameter');
    await expectNoRun('wrong');
  });

  it('says that a class does not exist, and goes on when it does', async () => {
    const className = `later-${world.suffix}`;
    await world.createRequest('later', { className });
    await world.awaitCondition('later', 'Ready', { status: 'False', reason: 'ClassNotFound' });
    await world.createClass('later');
    await world.awaitCondition('later', 'Ready', { status: 'False', reason: 'AwaitingApproval' });
  });
});
