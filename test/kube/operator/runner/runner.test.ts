import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { ResourceRun } from '../../../../crds/resource-run.ts';
import type { Secret } from '../../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import { describeLog } from '../../../../operator/run-api/describe-log.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { findTofu } from '../../../support/runs/find-tofu.ts';
import { RunWorld, trivialClass } from '../../../support/runs/run-world.ts';
import type { FakeRequest, RunOptions } from '../../../support/runs/run-world.ts';
import { startRunner, type RunnerProcess } from '../../../support/runs/runner-process.ts';

describe('The runner with a real engine and a real API server', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  let tofu: string;
  let world: RunWorld;
  let request: FakeRequest;

  before('build the engine', async function () {
    this.timeout(15 * 60_000);
    tofu = await findTofu();
    world = await RunWorld.open(cluster.client, await cluster.createNamespace());
  });
  after('close the run API', () => world.close());
  beforeEach(async () => {
    request = await world.createRequest();
  });

  async function start(run: ResourceRun): Promise<RunnerProcess> {
    return startRunner(await world.access.issueRunAccess(run), tofu);
  }

  async function perform(options: RunOptions): Promise<{ run: ResourceRun; output: string }> {
    const run = await world.createRun(request, options);
    const runner = await start(run);
    expect(await runner.exited, runner.output()).to.equal(0);
    return { run: await world.readRun(run), output: runner.output() };
  }

  function succeeded(run: ResourceRun): string | undefined {
    return run.status?.conditions?.find(({ type }) => type === 'Succeeded')?.status;
  }

  it('applies a module and reports its outputs, its changes and its success', async () => {
    const { run, output } = await perform({ parameters: { text: 'first' } });
    expect(succeeded(run), output).to.equal('True');
    expect(run.status?.changes).to.deep.equal({ add: 1, change: 0, destroy: 0 });
    expect(run.status?.finishedAt).to.be.a('string');
    const outputs = await world.stores.outputs.readAll(request.uid);
    expect(outputs?.values['text']).to.equal('first');
    expect(outputs?.values['password']).to.match(/^[A-Za-z0-9]{32}$/);
    expect(outputs?.sensitive).to.deep.equal(['password']);
    expect(await world.stores.lock.findHolder(request.uid)).to.equal(undefined);
  });

  it('changes what it applied before, and keeps what did not change', async () => {
    await perform({ parameters: { text: 'first' } });
    const before = await world.stores.outputs.read(request.uid);
    const { run } = await perform({ parameters: { text: 'second' } });
    expect(run.status?.changes).to.deep.equal({ add: 0, change: 1, destroy: 0 });
    const after = await world.stores.outputs.read(request.uid);
    expect(after).to.deep.equal({ ...before, text: 'second' });
  });

  it('destroys what it applied, and leaves nothing behind once all is removed', async () => {
    await perform({});
    const { run, output } = await perform({ action: 'Destroy' });
    expect(succeeded(run), output).to.equal('True');
    expect(run.status?.changes).to.deep.equal({ add: 0, change: 0, destroy: 1 });
    await world.stores.removeAll(request.uid);
    const labelSelector = `quartermaster.dev/request-uid=${request.uid}`;
    for (const type of [RESOURCE_TYPES.secrets, RESOURCE_TYPES.leases]) {
      const left = await world.client.list(type, { namespace: world.namespace, labelSelector });
      expect(left.map(({ metadata }) => metadata.name)).to.deep.equal([]);
    }
  });

  it('destroys a request of which nothing was ever made', async () => {
    const { run, output } = await perform({ action: 'Destroy' });
    expect(succeeded(run), output).to.equal('True');
    expect(run.status?.changes).to.deep.equal({ add: 0, change: 0, destroy: 0 });
  });

  it('reports an output that the class promises and the module does not have', async () => {
    const outputs = { credentials: ['text', 'missing'] };
    const { run } = await perform({ classSpec: { ...trivialClass, outputs } });
    expect(run.status?.failure?.type).to.equal('Configuration');
    expect(run.status?.failure?.message).to.contain('no output missing');
  });

  it('plans without applying', async () => {
    const { run } = await perform({ action: 'Plan' });
    expect(run.status?.changes).to.deep.equal({ add: 1, change: 0, destroy: 0 });
    expect(await world.stores.state.read(request.uid)).to.equal(undefined);
  });

  it('finds no drift where nothing has changed, and says what has, without touching the state', async () => {
    await perform({});
    const state = await world.stores.state.read(request.uid);
    const { run: clean } = await perform({ action: 'Check', attempt: 2 });
    expect(clean.status?.drift).to.deep.equal({ resources: [], omitted: 0 });
    const { run } = await perform({ action: 'Check', attempt: 3, parameters: { text: 'other' } });
    expect(succeeded(run)).to.equal('True');
    expect(run.status?.drift?.resources).to.deep.equal([
      {
        address: 'module.resource.terraform_data.thing',
        action: 'update',
        attributes: ['input.text', 'output'],
      },
    ]);
    expect(await world.stores.state.read(request.uid)).to.deep.equal(state);
  });

  it('reports parameters that do not fit the class as a fault of the configuration', async () => {
    const { run } = await perform({ parameters: { text: 1 } });
    expect(succeeded(run)).to.equal('False');
    expect(run.status?.failure?.type).to.equal('Configuration');
    expect(run.status?.failure?.message).to.contain('/text must be string');
  });

  it('reports a failed apply in the words of the engine, and keeps the partial state', async () => {
    const { run } = await perform({ parameters: { fail: true } });
    expect(succeeded(run)).to.equal('False');
    expect(run.status?.failure?.message).to.contain('this failure is on purpose');
    expect(run.status?.failure?.message).to.contain('module.resource.terraform_data.failure');
    const state = await world.stores.state.read(request.uid);
    expect(state?.toString()).to.contain('terraform_data');
    expect(await world.stores.lock.findHolder(request.uid)).to.equal(undefined);
  });

  it('shows no secret in any log, status or stored object, even if the module prints it', async () => {
    const source = new URL('modules/leaky', import.meta.url).pathname;
    const classSpec = { ...trivialClass, module: { source }, outputs: {}, variables: {} };
    const { run, output } = await perform({ classSpec: { ...classSpec, parameters: {} } });
    const { values } = await world.stores.generated.obtain(request.uid, {
      password: { length: 32, characters: 'alphanumeric' },
    });
    expect(run.status?.failure?.message).to.contain('wrong password: (sensitive value)');
    const view = await world.stores.logs.read(describeLog(run));
    expect(view.isComplete).to.equal(true);
    const log = view.lines.map(({ text }) => text).join('\n');
    expect(log).to.contain('wrong password: (sensitive value)');
    const secrets = await world.client.list<Secret>(RESOURCE_TYPES.secrets, {
      namespace: world.namespace,
    });
    const stored = secrets
      .flatMap(({ data }) => Object.values(data ?? {}))
      .map((text) => Buffer.from(text, 'base64').toString('latin1'));
    const everything = [
      output,
      log,
      JSON.stringify(run),
      JSON.stringify(world.log.lines),
      ...stored,
    ];
    for (const text of everything) expect(text).not.to.contain(values['password']);
  });

  it('saves the state, reports Interrupted and gives the lock back when it is told to stop', async () => {
    const run = await world.createRun(request, { parameters: { seconds: 30 } });
    const runner = await start(run);
    await runner.until("Provisioning with 'local-exec'");
    const stopped = performance.now();
    runner.kill('SIGTERM');
    expect(await runner.exited).to.equal(0);
    expect(performance.now() - stopped).to.be.lessThan(20_000);
    const { status } = await world.readRun(run);
    expect(status?.failure?.type, runner.output()).to.equal('Interrupted');
    expect((await world.stores.state.read(request.uid))?.toString()).to.contain('terraform_data');
    expect(await world.stores.lock.findHolder(request.uid)).to.equal(undefined);
  });

  it('reports DeadlineExceeded when the time of the class is up', async () => {
    const classSpec = { ...trivialClass, timeouts: { apply: '1s' } };
    const { run } = await perform({ classSpec, parameters: { seconds: 30 } });
    expect(run.status?.failure?.type).to.equal('DeadlineExceeded');
  });

  it('does nothing as the second process of a run, and ends when the first has ended', async () => {
    const run = await world.createRun(request, { parameters: { seconds: 2 } });
    const first = await start(run);
    await first.until("Provisioning with 'local-exec'");
    const second = await start(run);
    await second.until('another process has this run');
    expect(await first.exited).to.equal(0);
    expect(succeeded(await world.readRun(run))).to.equal('True');
    expect(await second.exited).to.equal(0);
    expect(second.output()).not.to.contain('tofu');
  });

  it('reports StateLocked while another run holds the state', async () => {
    await world.stores.lock.acquire(request.uid, { run: 'run-before', instance: 'a' });
    const { run } = await perform({});
    expect(run.status?.failure?.type).to.equal('StateLocked');
    expect(run.status?.failure?.message).to.contain('run-before');
    await world.stores.releaseLock(request.uid, 'run-before');
    expect(succeeded((await perform({ attempt: 2 })).run)).to.equal('True');
  });

  it('goes on when the run API is away for a moment', async () => {
    const run = await world.createRun(request, { parameters: { seconds: 2 } });
    const runner = await start(run);
    await runner.until("Provisioning with 'local-exec'");
    const resume = await world.interrupt();
    await sleep(3_000);
    await resume();
    expect(await runner.exited).to.equal(0);
    expect(succeeded(await world.readRun(run)), runner.output()).to.equal('True');
  });

  it('hands over the state that the engine could not save', async () => {
    const run = await world.createRun(request, { parameters: { seconds: 1 } });
    const hasty = path.join(import.meta.dirname, 'hasty-engine.js');
    const access = await world.access.issueRunAccess(run);
    const runner = startRunner(access, hasty, { REAL_ENGINE: tofu });
    await runner.until("Provisioning with 'local-exec'");
    const resume = await world.interrupt();
    await runner.until('the engine could not save its state');
    await resume();
    expect(await runner.exited).to.equal(0);
    expect(runner.output()).to.contain('the state was handed over');
    expect((await world.readRun(run)).status?.failure?.type).to.equal('Transient');
    const again = await perform({ attempt: 2, parameters: { seconds: 1 } });
    expect(again.run.status?.changes).to.deep.equal({ add: 0, change: 0, destroy: 0 });
  });

  it('cannot touch the state once its lock was broken, and can only say that it failed', async () => {
    const run = await world.createRun(request, { parameters: { seconds: 2 } });
    const runner = await start(run);
    await runner.until("Provisioning with 'local-exec'");
    await world.stores.releaseLock(request.uid, run.metadata.name);
    await world.stores.lock.acquire(request.uid, { run: 'run-after', instance: 'a' });
    expect(await runner.exited).to.equal(0);
    expect(await world.stores.state.read(request.uid)).to.equal(undefined);
    expect((await world.stores.lock.findHolder(request.uid))?.run).to.equal('run-after');
    const { failure } = (await world.readRun(run)).status ?? {};
    expect(failure?.message).to.contain('does not hold the lock');
    expect(failure?.type).to.equal('Internal');
  });
});
