import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import type { ResourceRun } from '../../../../crds/resource-run.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { findTofu } from '../../../support/runs/find-tofu.ts';
import { ProviderRegistry } from '../../../support/runs/provider-registry.ts';
import { RunWorld, trivialClass, type FakeRequest } from '../../../support/runs/run-world.ts';
import { startRunner } from '../../../support/runs/runner-process.ts';

const MODULE = path.resolve(import.meta.dirname, '../../../support/modules/kubernetes-object');

describe('A provider that the image does not have', function () {
  this.timeout(120_000);
  const cluster = useTestCluster();
  let tofu: string;
  let world: RunWorld;
  let registry: ProviderRegistry;
  let request: FakeRequest;
  let source: string;

  before('build the engine and the provider', async function () {
    this.timeout(15 * 60_000);
    tofu = await findTofu();
    registry = await ProviderRegistry.start();
    world = await RunWorld.open(cluster.client, await cluster.createNamespace());
    source = copyModule(registry.host);
  });
  after('close the run API', async () => {
    await world.close();
    await registry.stop();
    rmSync(source, { recursive: true, force: true });
  });
  beforeEach(async () => {
    request = await world.createRequest();
    registry.calls.length = 0;
  });

  /** The module with its provider from the registry. */
  function copyModule(host: string): string {
    const folder = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-module-'));
    cpSync(MODULE, folder, { recursive: true });
    const file = path.join(folder, 'main.tf');
    const text = readFileSync(file, 'utf8');
    writeFileSync(file, text.replace('gavinbunney/kubectl', `${host}/example/kubectl`));
    return folder;
  }

  async function perform(from: string, settings: Record<string, string>): Promise<ResourceRun> {
    const metadata = { name: 'downloaded', namespace: request.namespace };
    const manifest = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata });
    const classSpec = {
      ...trivialClass,
      module: { source: from },
      parameters: { type: 'object' },
      variables: { manifest },
      outputs: {},
    };
    const run = await world.createRun(request, { classSpec });
    const environment = { ...settings, KUBE_CONFIG_PATH: cluster.kubeconfig };
    const runner = startRunner(await world.access.issueRunAccess(run), tofu, environment);
    expect(await runner.exited, runner.output()).to.equal(0);
    return world.readRun(run);
  }

  function findObject(): Promise<unknown> {
    const key = { name: 'downloaded', namespace: request.namespace };
    return cluster.client.get(RESOURCE_TYPES.configMaps, key);
  }

  async function expectRefusal(text: string): Promise<void> {
    const { status } = await perform(source, registry.environment);
    // The engine breaks its lines where they are long.
    expect(status?.failure?.message.replaceAll(/\s+/g, ' ')).to.contain(text);
    expect(registry.calls.some((url) => url.endsWith('.zip'))).to.equal(true);
    expect(await findObject()).to.equal(undefined);
  }

  it('is not run when it is not what its registry says it is', async () => {
    const { checksum } = registry;
    registry.checksum = '0'.repeat(64);
    await expectRefusal('incorrect checksum');
    registry.checksum = checksum;
  });

  it('is fetched from its registry with the settings of the image, and not run when nobody known has signed it', async () => {
    await expectRefusal('is not signed with a valid signing key');
  });

  it('is fetched over the network from a mirror that the settings name, and works', async () => {
    const { status } = await perform(MODULE, registry.mirrorEnvironment);
    expect(status?.failure).to.equal(undefined);
    expect(registry.calls.some((url) => url.endsWith('.zip'))).to.equal(true);
    expect(await findObject()).not.to.equal(undefined);
  });
});
