import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import path from 'node:path';
import { expect } from 'chai';
import type { ConfigMap } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { eventually } from '../../support/eventually.ts';
import { playWatchFault, WATCH_FAULTS } from '../../support/faults/watch-faults.ts';
import { FaultProxy } from '../../support/kube/fault-proxy.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';

const program = path.resolve(import.meta.dirname, '../../support/faults/informer-program.ts');
const PATIENCE_MS = 30_000;
/** So often the fault is met before it is over. */
const MEETINGS = 3;

describe('a process with an informer, that ends by the first rejection that nobody handles', function () {
  this.timeout(3 * PATIENCE_MS);
  const cluster = useTestCluster();
  let namespace: string;
  let proxy: FaultProxy;
  let child: ChildProcess;
  let said: string;
  let complaints: string;

  before('start it', async () => {
    namespace = await cluster.createNamespace();
    proxy = await FaultProxy.start(cluster.controlPlane);
    const settings = { KUBECONFIG: proxy.writeKubeconfig(), WATCHED_NAMESPACE: namespace };
    child = spawn(process.execPath, ['--unhandled-rejections=strict', program], {
      env: { PATH: process.env['PATH'], ...settings },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    [said, complaints] = ['', ''];
    child.stdout?.on('data', (part: Buffer) => (said += part.toString()));
    child.stderr?.on('data', (part: Buffer) => (complaints += part.toString()));
    await make('first');
    await knows(['first']);
  });
  after(async () => {
    child.kill('SIGKILL');
    await proxy.stop();
  });

  const make = (name: string): Promise<ConfigMap> =>
    cluster.client.create<ConfigMap>(RESOURCE_TYPES.configMaps, {
      ...{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name } },
    });
  const isAlive = (): void => {
    expect(child.exitCode, complaints).to.equal(null);
    expect(child.signalCode).to.equal(null);
  };
  const knows = (names: string[]): Promise<void> =>
    eventually(() => {
      isAlive();
      expect(JSON.parse(said.trimEnd().split('\n').at(-1) ?? '')).to.deep.equal(names);
    }, PATIENCE_MS);
  const meet = (fault: (typeof WATCH_FAULTS)[number]): Promise<void> => {
    proxy.calls.length = 0;
    proxy.decide = playWatchFault(fault);
    proxy.resetAll();
    return eventually(() => {
      isAlive();
      // Behind a list that fails there is no watch to count.
      const met = fault.list ? proxy.lists.length : proxy.watches.length;
      expect(met).to.be.at.least(MEETINGS);
    }, PATIENCE_MS);
  };

  for (const fault of WATCH_FAULTS) {
    it(`stays, and misses nothing: ${fault.name}`, async () => {
      await meet(fault);
      const name = `at-${fault.name.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')}`;
      await make(name);
      proxy.decide = () => undefined;
      proxy.resetAll();
      await knows([name, 'first'].toSorted());
      await cluster.client.delete(RESOURCE_TYPES.configMaps, { namespace, name });
      await knows(['first']);
    });
  }

  it('ends when it is told to, and has not complained once', async () => {
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    expect(await ended).to.deep.equal([0, null]);
    expect(complaints).to.equal('');
  });
});
