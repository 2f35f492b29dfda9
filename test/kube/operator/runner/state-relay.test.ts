import { createHash, randomUUID } from 'node:crypto';
import { request as send } from 'node:http';
import { expect } from 'chai';
import { RunApiClient } from '../../../../operator/runner/run-api-client.ts';
import { StateRelay } from '../../../../operator/runner/state-relay.ts';
import { eventually } from '../../../support/eventually.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { RunWorld } from '../../../support/runs/run-world.ts';
import type { FakeRequest } from '../../../support/runs/run-world.ts';

const STATE = JSON.stringify({ version: 4, serial: 1, outputs: {}, resources: [] });

describe('What the engine of a run is told about its state', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  let world: RunWorld;
  let request: FakeRequest;
  let api: RunApiClient;
  let relay: StateRelay;

  before('start the run API', async () => {
    world = await RunWorld.open(cluster.client, await cluster.createNamespace());
  });
  after('close the run API', () => world.close());
  beforeEach('claim a run', async () => {
    request = await world.createRequest();
    const run = await world.createRun(request);
    api = new RunApiClient(await world.access.issueRunAccess(run), randomUUID());
    await api.start();
    relay = await StateRelay.start(api);
  });
  afterEach(() => {
    relay.close();
    api.close();
  });

  interface Answer {
    status: number | undefined;
    text: string;
  }

  function call(
    method: string,
    { body = '', headers = {}, password = relay.backend.password } = {},
  ): Promise<Answer> {
    const { url, user } = relay.backend;
    return new Promise((resolve, reject) => {
      const options = { method, headers, auth: `${user}:${password}` };
      const outgoing = send(url, options, (incoming) => {
        let text = '';
        incoming.on('data', (part: Buffer) => (text += part.toString()));
        incoming.on('end', () => resolve({ status: incoming.statusCode, text }));
      });
      outgoing.on('error', reject);
      outgoing.end(body);
    });
  }

  const write = (body: string): Promise<Answer> => call('POST', { body });

  /** As when the operator has found that our pod is gone. */
  async function loseLock(): Promise<void> {
    const holder = await world.stores.lock.findHolder(request.uid);
    await world.stores.releaseLock(request.uid, holder?.run ?? '');
  }

  for (const method of ['GET', 'POST', 'LOCK', 'UNLOCK', 'DELETE']) {
    it(`is nothing for who does not know the password: ${method}`, async () => {
      await write(STATE);
      const answer = await call(method, { password: 'guess' });
      expect(answer).to.deep.equal({ status: 401, text: '' });
      expect((await world.stores.state.read(request.uid))?.toString()).to.equal(STATE);
    });
  }

  it('is a refusal of the lock and of every write when the run has lost its lock', async () => {
    await call('GET');
    await loseLock();
    expect((await call('LOCK', { body: '{}' })).status).to.equal(423);
    expect((await write(STATE)).status).to.equal(409);
    expect((await call('DELETE')).status).to.equal(409);
    expect(await world.stores.state.read(request.uid)).to.equal(undefined);
  });

  it('is a refusal of every write although the lock, right after the claim, is not looked at again', async () => {
    relay.begin(undefined);
    expect((await call('LOCK', { body: '{}' })).status).to.equal(200);
    await loseLock();
    expect((await call('LOCK', { body: '{}' })).status).to.equal(200);
    expect((await write(STATE)).status).to.equal(409);
    expect(await world.stores.state.read(request.uid)).to.equal(undefined);
  });

  it('is a refusal of the lock a second after the claim', async () => {
    relay.begin(undefined);
    await loseLock();
    await eventually(async () => {
      expect((await call('LOCK', { body: '{}' })).status).to.equal(423);
    });
  });

  it('is that there is none, without a question, where the claim has said so', async () => {
    relay.begin(0);
    const resume = await world.interrupt();
    expect(await call('GET')).to.deep.equal({ status: 204, text: '' });
    expect(await relay.readState()).to.equal('');
    await resume();
  });

  it('is a refusal of a state that was harmed on its way', async () => {
    const headers = { 'Content-MD5': createHash('md5').update('other').digest('base64') };
    expect((await call('POST', { body: STATE, headers })).status).to.equal(400);
    expect(await world.stores.state.read(request.uid)).to.equal(undefined);
  });

  it('is nothing that a write brought which the run API did not take', async () => {
    const resume = await world.interrupt();
    expect((await write(STATE)).status).to.equal(502);
    expect((await call('GET')).status).to.equal(502);
    await resume();
    expect(await call('GET')).to.deep.equal({ status: 204, text: '' });
    expect(await relay.readState()).to.equal('');
  });

  it('is what the run API has, asked for once', async () => {
    expect(await call('GET')).to.deep.equal({ status: 204, text: '' });
    expect((await call('LOCK', { body: '{}' })).status).to.equal(200);
    expect((await write(STATE)).status).to.equal(200);
    expect((await call('UNLOCK', { body: '{}' })).status).to.equal(200);
    expect((await world.stores.state.read(request.uid))?.toString()).to.equal(STATE);
    const resume = await world.interrupt();
    expect(await call('GET')).to.deep.equal({ status: 200, text: STATE });
    expect(await relay.readState()).to.equal(STATE);
    await resume();
  });
});
