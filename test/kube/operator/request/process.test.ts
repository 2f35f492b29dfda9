import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { expect } from 'chai';
import { request } from 'undici';
import { findFreePort } from '../../../../dev/processes/free-port.ts';
import { eventually } from '../../../support/eventually.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { OperatorWorld } from '../../../support/operator/operator-world.ts';

const program = path.resolve(import.meta.dirname, '../../../../operator/main.ts');

describe('the operator as a process', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  let world: OperatorWorld;
  let child: ChildProcess | undefined;

  before(async () => {
    world = await OperatorWorld.start(cluster);
    await world.stopOperator();
  });
  afterEach(() => {
    if (child?.exitCode === null) child.kill('SIGKILL');
  });
  after(() => world.stop());

  function start(environment: Record<string, string>): { output: () => string } {
    const texts: string[] = [];
    const env = { PATH: process.env['PATH'], ...environment };
    child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    child.stdout?.on('data', (chunk: Buffer) => texts.push(chunk.toString()));
    child.stderr?.on('data', (chunk: Buffer) => texts.push(chunk.toString()));
    return { output: () => texts.join('') };
  }

  it('names every fault of its configuration, and ends', async () => {
    const { output } = start({ RUN_API_PORT: 'many', MAX_CONCURRENT_RUNS: '0' });
    const [code] = (await once(child!, 'exit')) as [number];
    expect(code).to.equal(1);
    expect(output()).to.include('RUN_API_PORT').and.include('MAX_CONCURRENT_RUNS');
  });

  it('becomes ready, takes a request to Ready, and ends in order on SIGTERM', async () => {
    const port = await findFreePort('127.0.0.1');
    const { output } = start({
      ...world.environment,
      KUBECONFIG: cluster.kubeconfig,
      HEALTH_PORT: String(port),
    });
    await eventually(async () => {
      const answer = await request(`http://127.0.0.1:${port}/ready`);
      if (answer.statusCode !== 200) throw new Error(output());
    }, 20_000);
    const database = await world.createClass('process');
    await world.makeReady('process', database.metadata.name);
    expect(output()).not.to.include('pa55word');
    const ended = once(child!, 'exit');
    child!.kill('SIGTERM');
    expect(await ended).to.deep.equal([0, null]);
  });
});
