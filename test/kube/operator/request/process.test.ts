import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { request } from 'undici';
import { parseAllDocuments } from 'yaml';
import { PROJECT_ROLES } from '../../../../crds/constants.ts';
import { findFreePort } from '../../../../dev/processes/free-port.ts';
import type { KubeObject } from '../../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import { eventually } from '../../../support/eventually.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { OperatorWorld } from '../../../support/operator/operator-world.ts';

const manifest = path.resolve(
  import.meta.dirname,
  '../../../../dev/kubernetes/manifests/access.yaml',
);
/** A process of the operator. */
interface Replica {
  child: ChildProcess;
  output: () => string;
  /** Exit code and signal. */
  ended: Promise<unknown[]>;
}

const program = path.resolve(import.meta.dirname, '../../../../operator/main.ts');

describe('the operator as a process', function () {
  this.timeout(120_000);
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

  function start(environment: Record<string, string>): Replica {
    const texts: string[] = [];
    const env = { PATH: process.env['PATH'], ...environment };
    const child = spawn(process.execPath, [program], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    children.push(child);
    child.stdout.on('data', (chunk: Buffer) => texts.push(chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => texts.push(chunk.toString()));
    return { child, output: () => texts.join(''), ended: once(child, 'exit') };
  }

  /** Starts one that has all it needs, and waits until it is ready. */
  async function startReady(settings: Record<string, string> = {}): Promise<Replica> {
    const [health, runApi] = [await findFreePort('127.0.0.1'), await findFreePort('127.0.0.1')];
    const replica = start({
      ...world.environment,
      RUN_API_PORT: String(runApi),
      KUBECONFIG: await grantRights(),
      HEALTH_PORT: String(health),
      METRICS_PORT: '0',
      ...settings,
    });
    await eventually(async () => {
      for (const path of ['ready', 'health']) {
        const answer = await request(`http://127.0.0.1:${health}/${path}`);
        if (answer.statusCode !== 200) throw new Error(replica.output());
      }
    }, 30_000);
    return replica;
  }

  const leads = ({ output }: Replica): boolean => output().includes('this process leads now');

  async function awaitLeader(replica: Replica): Promise<void> {
    await eventually(() => expect(leads(replica), replica.output()).to.be.true, 20_000);
  }

  /** The rights that an installation gives, and no more; the path of a kubeconfig with them. */
  async function grantRights(): Promise<string> {
    const { system, runs, project } = world.namespaces;
    const text = readFileSync(manifest, 'utf8')
      .replaceAll('namespace: quartermaster-system', `namespace: ${system}`)
      .replaceAll('namespace: quartermaster-runs', `namespace: ${runs}`);
    const objects = parseAllDocuments(text).map((document) => document.toJS() as KubeObject);
    const account = { kind: 'ServiceAccount', name: 'quartermaster-operator', namespace: system };
    objects.push({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'RoleBinding',
      metadata: { namespace: project, name: 'operator' },
      roleRef: {
        apiGroup: 'rbac.authorization.k8s.io',
        kind: 'ClusterRole',
        name: PROJECT_ROLES.operator,
      },
      subjects: [account],
    } as KubeObject);
    const types = Object.values(RESOURCE_TYPES);
    for (const object of objects.filter(({ kind }) => /Role/.test(kind))) {
      const type = types.find(({ kind }) => kind === object.kind)!;
      await world.client.apply(type, object, { fieldManager: 'test', force: true });
    }
    const user = `system:serviceaccount:${system}:quartermaster-operator`;
    return cluster.controlPlane.writeKubeconfig('operator', user);
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
});
