import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { connect } from 'node:net';
import path from 'node:path';
import { expect } from 'chai';
import { request } from 'undici';
import type { ResourceClass } from '../../../../crds/resource-class.ts';
import { RESOURCE_CLASSES } from '../../../../crds/resource-types.ts';
import { findFreePort } from '../../../../dev/processes/free-port.ts';
import type { Lease } from '../../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import { LEADER_LEASE } from '../../../../operator/constants.ts';
import { eventually } from '../../../support/eventually.ts';
import { clearClasses } from '../../../support/kube/clear-requests.ts';
import { FaultProxy, type ProxiedCall } from '../../../support/kube/fault-proxy.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { grantOperatorRights } from '../../../support/operator/operator-rights.ts';
import { OperatorWorld } from '../../../support/operator/operator-world.ts';

/** A process of the operator. */
interface Replica {
  child: ChildProcess;
  healthPort: number;
  runApiPort: number;
  output: () => string;
  /** Exit code and signal. */
  ended: Promise<unknown[]>;
}

/** A process takes seconds to start, and many where others work on the same machine. */
const START_MS = 60_000;

const program = path.resolve(import.meta.dirname, '../../../../operator/main.ts');

describe('the operator as a process', function () {
  this.timeout(5 * START_MS);
  const cluster = useTestCluster();
  let world: OperatorWorld;
  let children: ChildProcess[] = [];

  before(async () => {
    world = await OperatorWorld.start(cluster);
    await world.stopOperator();
  });
  afterEach(() => {
    for (const child of children) child.kill('SIGKILL');
    children = [];
  });
  after(() => world.stop());

  function start(environment: Record<string, string>): Pick<Replica, 'child' | 'output' | 'ended'> {
    const texts: string[] = [];
    const env = { PATH: process.env['PATH'], ...environment };
    const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    child.stdout.on('data', (chunk: Buffer) => texts.push(chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => texts.push(chunk.toString()));
    return { child, output: () => texts.join(''), ended: once(child, 'exit') };
  }

  /** Starts one that has all it needs. */
  async function startWith(settings: Record<string, string>): Promise<Replica> {
    const healthPort = await findFreePort('127.0.0.1');
    const runApiPort = await findFreePort('127.0.0.1');
    const replica = start({
      ...world.environment,
      RUN_API_PORT: String(runApiPort),
      HEALTH_PORT: String(healthPort),
      METRICS_PORT: '0',
      ...settings,
    });
    return { ...replica, healthPort, runApiPort };
  }

  /** Starts one that has all it needs, and waits until it is ready. */
  async function startReady(settings: Record<string, string> = {}): Promise<Replica> {
    const replica = await startWith({
      KUBECONFIG: await grantOperatorRights(cluster, world),
      ...settings,
    });
    await awaitHealth(replica, { ready: 200, health: 200 });
    return replica;
  }

  /** What it answers to those who ask how it is; 0 where it does not answer. */
  async function readHealth({ healthPort }: Replica): Promise<{ ready: number; health: number }> {
    const read = (path: string): Promise<number> =>
      request(`http://127.0.0.1:${healthPort}/${path}`).then(
        ({ statusCode }) => statusCode,
        () => 0,
      );
    return { ready: await read('ready'), health: await read('health') };
  }

  async function awaitHealth(
    replica: Replica,
    expected: { ready: number; health: number },
  ): Promise<void> {
    await eventually(async () => {
      expect(await readHealth(replica), replica.output()).to.deep.equal(expected);
    }, START_MS);
  }

  const leads = ({ output }: Replica): boolean => output().includes('this process leads now');

  async function awaitLeader(replica: Replica): Promise<void> {
    await eventually(() => expect(leads(replica), replica.output()).to.be.true, START_MS);
  }

  async function isListening(port: number): Promise<boolean> {
    const socket = connect(port, '127.0.0.1');
    return once(socket, 'connect')
      .then(
        () => true,
        () => false,
      )
      .finally(() => socket.destroy());
  }

  async function leaseHolder(): Promise<string | undefined> {
    const key = { namespace: world.namespaces.system, name: LEADER_LEASE };
    const lease = await world.client.get<Lease>(RESOURCE_TYPES.leases, key);
    return lease?.spec?.holderIdentity;
  }

  it('names every fault of its configuration, and ends', async () => {
    const { output, ended } = start({ RUN_API_PORT: 'many', MAX_CONCURRENT_RUNS: '0' });
    expect(await ended).to.deep.equal([1, null]);
    expect(output()).to.include('RUN_API_PORT').and.include('MAX_CONCURRENT_RUNS');
  });

  it('takes a request to Ready with the rights of its own account, and ends in order on SIGTERM', async () => {
    const metricsPort = String(await findFreePort('127.0.0.1'));
    const { child, output, ended } = await startReady({ METRICS_PORT: metricsPort });
    const database = await world.createClass('process');
    const { uid } = (await world.makeReady('process', database.metadata.name)).metadata;
    await world.delete('process');
    await world.finishRun('process', { outcome: 'succeeded' });
    await world.awaitGone('process', uid!);
    const metrics = await request(`http://127.0.0.1:${metricsPort}/metrics`);
    const text = await metrics.body.text();
    expect(text)
      .to.include('quartermaster_leader 1')
      .and.include('quartermaster_runs_total{action="Apply",result="succeeded"} 1')
      .and.include('quartermaster_runs_total{action="Destroy",result="succeeded"} 1')
      .and.match(/quartermaster_reconciles_total\{controller="requests",result="done"\} [1-9]/)
      .and.not.include('pa55word')
      .and.not.include(world.namespaces.project);
    expect(output())
      .not.to.include('pa55word')
      .and.not.to.match(/orbidden/);
    child.kill('SIGTERM');
    expect(await ended).to.deep.equal([0, null]);
  });

  it('works in one replica, while another is ready and takes over within 3 s of its end', async () => {
    const [first, second] = [await startReady(), await startReady()];
    await awaitLeader(first);
    expect(leads(second)).to.be.false;
    first.child.kill('SIGTERM');
    expect(await first.ended).to.deep.equal([0, null]);
    await eventually(() => expect(leads(second)).to.be.true, 3_000);
    await world.createClass('handed-over');
    second.child.kill('SIGTERM');
    expect(await second.ended).to.deep.equal([0, null]);
  });

  it('works on in another replica when the leader is paused, which ends when it wakes up', async () => {
    const times = {
      LEASE_DURATION_SECONDS: '6',
      RENEW_DEADLINE_SECONDS: '4',
      RETRY_PERIOD_SECONDS: '0.5',
    };
    const first = await startReady(times);
    await awaitLeader(first);
    const second = await startReady(times);
    first.child.kill('SIGSTOP');
    await awaitLeader(second);
    const database = await world.createClass('after-the-pause');
    const before = (await world.makeReady('after-the-pause', database.metadata.name)).metadata;
    first.child.kill('SIGCONT');
    expect(await first.ended).to.deep.equal([1, null]);
    expect(first.output()).to.include('leadership lost');
    const after = (await world.request('after-the-pause')).metadata;
    expect(after.resourceVersion).to.equal(before.resourceVersion);
    expect(await world.runs('after-the-pause')).to.have.length(1);
  });

  describe('beside another installation', () => {
    // Whichever of the two made it its own.
    afterEach(() => clearClasses(cluster.client));

    /** Settings with namespaces of its own: another installation on the same cluster. */
    async function otherSettings(): Promise<Record<string, string>> {
      return {
        KUBECONFIG: cluster.kubeconfig,
        SYSTEM_NAMESPACE: await cluster.createNamespace(),
        RUNS_NAMESPACE: await cluster.createNamespace(),
      };
    }

    it('refuses to start where classes are served by one, and names it', async () => {
      const first = await startReady();
      await awaitLeader(first);
      await world.createClass('theirs');
      const second = await startWith(await otherSettings());
      expect(await second.ended).to.deep.equal([1, null]);
      expect(second.output())
        .to.include(`whose runs and state are in the namespace ${world.namespaces.runs}`)
        .and.include('docs/operate.md');
      expect(leads(second)).to.be.false;
      first.child.kill('SIGTERM');
      expect(await first.ended).to.deep.equal([0, null]);
    });

    it('leaves the work to the one that was first where both began with nothing', async () => {
      await clearClasses(cluster.client);
      const settings = await otherSettings();
      const both = [await startReady(), await startWith(settings)] as const;
      for (const replica of both) await awaitLeader(replica);
      const { metadata, status } = await world.createClass('contested');
      const isOurs = status?.revisionNamespace === world.namespaces.runs;
      const [winner, loser] = isOurs ? both : [both[1], both[0]];
      expect(await loser.ended, loser.output()).to.deep.equal([1, null]);
      expect(loser.output()).to.include('another installation');
      expect(winner.child.exitCode).to.equal(null);
      const later = await world.client.get<ResourceClass>(RESOURCE_CLASSES, metadata);
      expect(later?.status).to.deep.equal(status);
      winner.child.kill('SIGTERM');
      expect(await winner.ended).to.deep.equal([0, null]);
    });
  });

  describe('through a proxy', () => {
    let proxy: FaultProxy;
    beforeEach(async () => {
      proxy = await FaultProxy.start(cluster.controlPlane);
    });
    afterEach(() => proxy.stop());

    it('is alive and not ready, and does not work, before it has seen everything', async () => {
      const first = ['resourceclasses', 'resourcerequests', 'resourceruns', 'jobs'];
      const held = new Set([...first, 'pods']);
      const pluralOf = ({ url }: ProxiedCall): string => url.pathname.split('/').at(-1) ?? '';
      proxy.decide = (call) =>
        held.has(pluralOf(call)) ? { kind: 'status', status: 503 } : undefined;
      const replica = await startWith({ KUBECONFIG: proxy.writeKubeconfig() });
      await eventually(() => {
        expect(proxy.lists.map(pluralOf)).to.include.members([...held]);
      }, START_MS);
      await awaitHealth(replica, { ready: 503, health: 200 });
      for (const plural of first) held.delete(plural);
      await eventually(() => {
        expect(proxy.watches.map(pluralOf)).to.include.members(first);
      }, START_MS);
      expect(await readHealth(replica), replica.output()).to.deep.equal({
        ready: 503,
        health: 200,
      });
      expect(leads(replica)).to.be.false;
      held.clear();
      await awaitHealth(replica, { ready: 200, health: 200 });
      await awaitLeader(replica);
      replica.child.kill('SIGTERM');
      expect(await replica.ended).to.deep.equal([0, null]);
    });

    it('ends in order: not ready at once, then the work, then the lease, and the runners last', async () => {
      const replica = await startWith({ KUBECONFIG: proxy.writeKubeconfig() });
      await awaitHealth(replica, { ready: 200, health: 200 });
      await awaitLeader(replica);
      let isWriting = false;
      const { name } = (await world.createClass('ordered')).metadata;
      proxy.decide = ({ url }) => {
        if (!url.pathname.endsWith('/resourcerequests/ordered/status')) return undefined;
        isWriting = true;
        return { kind: 'late', byMs: 4_000 };
      };
      await world.createRequest('ordered', { className: name });
      await eventually(() => expect(isWriting).to.be.true);
      replica.child.kill('SIGTERM');
      await awaitHealth(replica, { ready: 503, health: 200 });
      expect(await leaseHolder()).not.to.equal('');
      expect(await isListening(replica.runApiPort)).to.be.true;
      expect(replica.child.exitCode).to.equal(null);
      expect(await replica.ended, replica.output()).to.deep.equal([0, null]);
      expect(await leaseHolder()).to.equal('');
      expect(await isListening(replica.runApiPort)).to.be.false;
      expect(replica.output()).not.to.match(/"level":"(error|warn)"/);
    });
  });
});
