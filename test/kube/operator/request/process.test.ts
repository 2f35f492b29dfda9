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
    const { output } = start({ RUN_API_PORT: 'many', MAX_CONCURRENT_RUNS: '0' });
    const [code] = (await once(child!, 'exit')) as [number];
    expect(code).to.equal(1);
    expect(output()).to.include('RUN_API_PORT').and.include('MAX_CONCURRENT_RUNS');
  });

  it('takes a request to Ready with the rights of its own account, and ends in order on SIGTERM', async () => {
    const port = await findFreePort('127.0.0.1');
    const { output } = start({
      ...world.environment,
      KUBECONFIG: await grantRights(),
      HEALTH_PORT: String(port),
    });
    await eventually(async () => {
      const answer = await request(`http://127.0.0.1:${port}/ready`);
      if (answer.statusCode !== 200) throw new Error(output());
    }, 20_000);
    const database = await world.createClass('process');
    const { uid } = (await world.makeReady('process', database.metadata.name)).metadata;
    await world.delete('process');
    await world.finishRun('process', { outcome: 'succeeded' });
    await world.awaitGone('process', uid!);
    expect(output())
      .not.to.include('pa55word')
      .and.not.to.match(/orbidden/);
    const ended = once(child!, 'exit');
    child!.kill('SIGTERM');
    expect(await ended).to.deep.equal([0, null]);
  });
});
