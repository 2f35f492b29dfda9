import { execFile } from 'node:child_process';
import { cpSync, lstatSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { promisify } from 'node:util';
import { expect } from 'chai';
import type { ResourceRun } from '../../../../crds/resource-run.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { findTerraform, findTofu } from '../../../support/runs/find-tofu.ts';
import {
  createProviderMirror,
  type ProviderMirror,
} from '../../../support/runs/provider-mirror.ts';
import { RunWorld, trivialClass } from '../../../support/runs/run-world.ts';
import type { FakeRequest, RunOptions } from '../../../support/runs/run-world.ts';
import { startRunner } from '../../../support/runs/runner-process.ts';

const OBJECT_MODULE = path.resolve(
  import.meta.dirname,
  '../../../support/modules/kubernetes-object',
);
const PARALLEL = 20;
const execute = promisify(execFile);

describe('The engine of a class', function () {
  this.timeout(240_000);
  const cluster = useTestCluster();
  const terraformClass = { ...trivialClass, engine: 'terraform' as const };
  let programs: { OPENTOFU_PROGRAM: string; TERRAFORM_PROGRAM: string };
  let mirror: ProviderMirror;
  let world: RunWorld;
  let request: FakeRequest;

  before('build the engines and the provider', async function () {
    this.timeout(15 * 60_000);
    programs = { OPENTOFU_PROGRAM: await findTofu(), TERRAFORM_PROGRAM: await findTerraform() };
    mirror = await createProviderMirror();
    world = await RunWorld.open(cluster.client, await cluster.createNamespace());
  });
  after('close the run API', async () => {
    await world.close();
    mirror.remove();
  });
  beforeEach(async () => {
    request = await world.createRequest();
  });

  async function perform(options: RunOptions, environment = {}): Promise<ResourceRun> {
    const run = await world.createRun(request, options);
    const access = await world.access.issueRunAccess(run);
    const all = { ...mirror.environment, ...programs, ...environment };
    const runner = startRunner(access, programs.OPENTOFU_PROGRAM, all);
    expect(await runner.exited, runner.output()).to.equal(0);
    return world.readRun(run);
  }

  async function readEngineVersion(): Promise<unknown> {
    const text = (await world.stores.state.read(request.uid))?.toString() ?? '{}';
    return (JSON.parse(text) as { terraform_version?: unknown }).terraform_version;
  }

  it('is OpenTofu where the class names none', async () => {
    expect((await perform({})).status?.failure).to.equal(undefined);
    expect(await readEngineVersion()).to.equal('1.12.6');
  });

  it('can be Terraform: makes, changes and destroys, with outputs and without secrets', async () => {
    const made = await perform({ classSpec: terraformClass, parameters: { text: 'first' } });
    expect(made.status?.failure).to.equal(undefined);
    expect(await readEngineVersion()).to.equal('1.8.5');
    const outputs = await world.stores.outputs.readAll(request.uid);
    expect(outputs?.values['text']).to.equal('first');
    expect(outputs?.sensitive).to.deep.equal(['password']);
    const changed = await perform({ classSpec: terraformClass, parameters: { text: 'second' } });
    expect(changed.status?.changes).to.deep.equal({ add: 0, change: 1, destroy: 0 });
    const gone = await perform({ classSpec: terraformClass, action: 'Destroy' });
    expect(gone.status?.changes).to.deep.equal({ add: 0, change: 0, destroy: 1 });
  });

  it('finds its providers in the mirror, and keeps them with a plan, also as Terraform', async () => {
    const metadata = { name: 'wanted', namespace: request.namespace };
    const manifest = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata });
    const classSpec = {
      ...terraformClass,
      module: { source: OBJECT_MODULE },
      parameters: { type: 'object' },
      variables: { manifest },
      outputs: {},
    };
    const environment = { KUBE_CONFIG_PATH: cluster.kubeconfig };
    const planned = await perform({ classSpec, action: 'Plan' }, environment);
    const { planDigest } = planned.status ?? {};
    const plan = await world.stores.plans.find(planDigest ?? '');
    expect(Object.keys(plan?.installation?.links ?? {})).to.have.length(2);
    const run = await perform({ classSpec, planDigest }, environment);
    expect(run.status?.failure).to.equal(undefined);
    expect(await cluster.client.get(RESOURCE_TYPES.configMaps, metadata)).not.to.equal(undefined);
  });

  it('says what is wrong with the module, also as Terraform', async () => {
    const source = path.join(import.meta.dirname, 'modules/unknown-source');
    const classSpec = { ...terraformClass, module: { source }, variables: {}, outputs: {} };
    const { status } = await perform({ classSpec: { ...classSpec, parameters: {} } });
    expect(status?.failure?.type).to.equal('Configuration');
    expect(status?.failure?.message).to.contain('example/missing');
  });

  it('is a fault of the configuration where the image has none of that name', async () => {
    const { status } = await perform(
      { classSpec: terraformClass },
      { TERRAFORM_PROGRAM: 'terraform-is-not-here' },
    );
    expect(status?.failure?.type).to.equal('Configuration');
    expect(status?.failure?.message).to.contain('"terraform-is-not-here"');
  });

  it('starts twenty times at once on one mirror, and no start writes where another reads', async () => {
    const root = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-inits-'));
    const before = describeFiles(mirror.directory);
    const start = async (index: number): Promise<void> => {
      const cwd = path.join(root, String(index));
      mkdirSync(cwd);
      cpSync(OBJECT_MODULE, cwd, { recursive: true });
      const env = { ...process.env, ...mirror.environment };
      await execute(programs.OPENTOFU_PROGRAM, ['init', '-input=false', '-no-color'], { cwd, env });
      const validate = ['validate', '-no-color'];
      await execute(programs.OPENTOFU_PROGRAM, validate, { cwd, env });
      const plugin = path.join(
        cwd,
        '.terraform/providers/registry.opentofu.org/gavinbunney/kubectl',
      );
      const [platform = ''] = readdirSync(path.join(plugin, '1.19.0'));
      const link = path.join(plugin, '1.19.0', platform);
      expect(lstatSync(link).isSymbolicLink()).to.equal(true);
    };
    try {
      await Promise.all(Array.from({ length: PARALLEL }, (_, index) => start(index)));
      expect(describeFiles(mirror.directory)).to.deep.equal(before);
    } finally {
      rmSync(root, { recursive: true, force: true });
    }
  });
});

/** Every file with its size and its last change. */
function describeFiles(directory: string): string[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .map((name) => {
      const { size, mtimeMs } = statSync(path.join(directory, name));
      return `${name} ${size} ${mtimeMs}`;
    })
    .sort();
}
