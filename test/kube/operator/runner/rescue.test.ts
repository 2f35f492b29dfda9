import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import type { ResourceRun } from '../../../../crds/resource-run.ts';
import { eventually } from '../../../support/eventually.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { findTofu } from '../../../support/runs/find-tofu.ts';
import { RunWorld, trivialClass } from '../../../support/runs/run-world.ts';
import type { FakeRequest, RunOptions } from '../../../support/runs/run-world.ts';
import { startRunner, type RunnerProcess } from '../../../support/runs/runner-process.ts';

const MODULES = path.resolve(import.meta.dirname, 'modules');
/** Longer than the log goes on trying, and than the grace of an ordinary pod. */
const LONG_AWAY_MS = 40_000;

describe('The state of a run with a real engine', function () {
  this.timeout(300_000);
  const cluster = useTestCluster();
  let tofu: string;
  let world: RunWorld;
  let request: FakeRequest;
  let terminationFile: string;
  let directory: string;

  before('build the engine', async function () {
    this.timeout(15 * 60_000);
    tofu = await findTofu();
    world = await RunWorld.open(cluster.client, await cluster.createNamespace());
    directory = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-rescue-'));
  });
  after('close the run API', async () => {
    await world.close();
    rmSync(directory, { recursive: true, force: true });
  });
  beforeEach(async () => {
    request = await world.createRequest();
    terminationFile = path.join(directory, request.uid);
  });

  async function start(run: ResourceRun, engine = tofu): Promise<RunnerProcess> {
    const access = await world.access.issueRunAccess(run);
    const environment = { REAL_ENGINE: tofu, TERMINATION_FILE: terminationFile };
    return startRunner(access, engine, environment);
  }

  async function perform(options: RunOptions): Promise<ResourceRun> {
    const run = await world.createRun(request, options);
    const runner = await start(run);
    expect(await runner.exited, runner.output()).to.equal(0);
    return world.readRun(run);
  }

  function readTermination(): string {
    return existsSync(terminationFile) ? readFileSync(terminationFile, 'utf8') : '';
  }

  it('is not touched by a plan that fails', async () => {
    await perform({});
    const before = await world.stores.state.readIndex(request.uid);
    const source = path.join(MODULES, 'broken');
    const { status } = await perform({
      attempt: 2,
      classSpec: { ...trivialClass, module: { source } },
    });
    expect(status?.failure?.type).to.equal('Configuration');
    expect(await world.stores.state.readIndex(request.uid)).to.deep.equal(before);
  });

  it('is saved when the time is up, and the next run goes on from there', async () => {
    const classSpec = { ...trivialClass, timeouts: { apply: '4s' } };
    const { status } = await perform({ classSpec, parameters: { seconds: 60 } });
    expect(status?.failure?.type).to.equal('DeadlineExceeded');
    const state = (await world.stores.state.read(request.uid))?.toString();
    expect(state).to.contain('terraform_data');
    expect(await world.stores.lock.findHolder(request.uid)).to.equal(undefined);
    const next = await perform({ attempt: 2, parameters: { seconds: 0 } });
    expect(next.status?.changes?.add).to.equal(0);
  });

  it('and its plan may be more than 20 MiB', async () => {
    const source = path.join(MODULES, 'large');
    const parameters = { type: 'object' };
    const classSpec = {
      ...trivialClass,
      module: { source },
      parameters,
      variables: {},
      outputs: {},
    };
    const run = await perform({ classSpec });
    expect(run.status?.failure).to.equal(undefined);
    const state = await world.stores.state.read(request.uid);
    expect(state?.length).to.be.greaterThan(20 * 1024 * 1024);
    // It has all of the state in it, and can only be made where the engine has read that back.
    const plan = await perform({ classSpec, action: 'Plan', attempt: 2 });
    expect(plan.status?.failure).to.equal(undefined);
    expect(plan.status?.changes).to.deep.equal({ add: 0, change: 0, destroy: 0 });
  });

  it('is handed over after a long while without the run API, even if the pod is told to stop meanwhile', async () => {
    const run = await world.createRun(request, { parameters: { seconds: 1 } });
    const runner = await start(run, path.join(import.meta.dirname, 'hasty-engine.js'));
    await runner.until("Provisioning with 'local-exec'");
    const resume = await world.interrupt();
    await runner.until('the engine could not save its state');
    await eventually(() => expect(readTermination()).to.contain('THE STATE IS ONLY IN THIS POD'));
    runner.kill('SIGTERM');
    await sleep(LONG_AWAY_MS);
    expect(runner.output()).to.contain('still trying, for 30 seconds');
    await resume();
    expect(await runner.exited, runner.output()).to.equal(0);
    expect(runner.output()).to.contain('the state was handed over');
    expect(readTermination()).to.contain('The state was handed over.');
    const again = await perform({ attempt: 2, parameters: { seconds: 1 } });
    expect(again.status?.changes).to.deep.equal({ add: 0, change: 0, destroy: 0 });
  });
});
