import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import type { ResourceRun } from '../../../../crds/resource-run.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { findTerraform, findTofu } from '../../../support/runs/find-tofu.ts';
import { ProviderRegistry } from '../../../support/runs/provider-registry.ts';
import { ProviderSigner } from '../../../support/runs/provider-signer.ts';
import { RunWorld, trivialClass } from '../../../support/runs/run-world.ts';
import type { FakeRequest, RunOptions } from '../../../support/runs/run-world.ts';
import { startRunner } from '../../../support/runs/runner-process.ts';

type Engine = 'opentofu' | 'terraform';
/** With what each says about a provider that is not signed by a key of its registry. */
const ENGINES: readonly [Engine, { unsigned: string; foreign: string }][] = [
  [
    'opentofu',
    {
      unsigned: 'is not signed with a valid signing key',
      foreign: 'is not signed with a valid signing key',
    },
  ],
  [
    'terraform',
    {
      unsigned: 'error checking signature',
      foreign: 'authentication signature from unknown issuer',
    },
  ],
];
const MODULE = path.resolve(import.meta.dirname, '../../../support/modules/kubernetes-object');

describe('A provider that the image does not have', function () {
  this.timeout(240_000);
  const cluster = useTestCluster();
  let programs: { OPENTOFU_PROGRAM: string; TERRAFORM_PROGRAM: string };
  let world: RunWorld;
  let registry: ProviderRegistry;
  let request: FakeRequest;
  let source: string;
  let publisher: ProviderSigner | undefined;

  before('build the engine and the provider', async function () {
    this.timeout(15 * 60_000);
    programs = { OPENTOFU_PROGRAM: await findTofu(), TERRAFORM_PROGRAM: await findTerraform() };
    registry = await ProviderRegistry.start();
    world = await RunWorld.open(cluster.client, await cluster.createNamespace());
    source = copyModule(registry.host);
    publisher = registry.signer;
  });
  after('close the run API', async () => {
    await world.close();
    await registry.stop();
    rmSync(source, { recursive: true, force: true });
  });
  beforeEach(async () => {
    request = await world.createRequest();
    registry.calls.length = 0;
    registry.signer = publisher;
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

  async function perform(
    from: string,
    settings: Record<string, string>,
    { engine = 'opentofu', ...options }: RunOptions & { engine?: Engine } = {},
  ): Promise<ResourceRun> {
    const metadata = { name: 'downloaded', namespace: request.namespace };
    const manifest = JSON.stringify({ apiVersion: 'v1', kind: 'ConfigMap', metadata });
    const classSpec = {
      ...{ ...trivialClass, engine },
      module: { source: from },
      parameters: { type: 'object' },
      variables: { manifest },
      outputs: {},
    };
    const run = await world.createRun(request, { ...options, classSpec });
    const environment = { ...settings, ...programs, KUBE_CONFIG_PATH: cluster.kubeconfig };
    const access = await world.access.issueRunAccess(run);
    const runner = startRunner(access, programs.OPENTOFU_PROGRAM, environment);
    expect(await runner.exited, runner.output()).to.equal(0);
    return world.readRun(run);
  }

  function findObject(): Promise<unknown> {
    const key = { name: 'downloaded', namespace: request.namespace };
    return cluster.client.get(RESOURCE_TYPES.configMaps, key);
  }

  async function expectRefusal(text: string, engine: Engine): Promise<void> {
    const { status } = await perform(source, registry.environment, { engine });
    // The engine breaks its lines where they are long.
    expect(status?.failure?.message.replaceAll(/\s+/g, ' ')).to.contain(text);
    expect(registry.calls.some((url) => url.endsWith('.zip'))).to.equal(true);
    expect(await findObject()).to.equal(undefined);
  }

  for (const [engine, { unsigned, foreign }] of ENGINES) {
    it(`is not run by ${engine} when it is not what its registry says it is`, async () => {
      const { checksum } = registry;
      registry.checksum = '0'.repeat(64);
      await expectRefusal('incorrect checksum', engine);
      registry.checksum = checksum;
    });

    it(`is not run by ${engine} when what signs it is no signature`, async () => {
      registry.signer = undefined;
      await expectRefusal(unsigned, engine);
    });

    it(`is not run by ${engine} when somebody else has signed it`, async () => {
      registry.signer = await ProviderSigner.create('somebody-else');
      await expectRefusal(foreign, engine);
    });

    it(`is fetched by ${engine} from its registry with the settings of the image, and works when its publisher has signed it`, async () => {
      const { status } = await perform(source, registry.environment, { engine });
      expect(status?.failure).to.equal(undefined);
      expect(registry.calls.some((url) => url.endsWith('SHA256SUMS.sig'))).to.equal(true);
      expect(await findObject()).not.to.equal(undefined);
    });
  }

  it('is not kept with a plan, but fetched again, the same by its checksum, to apply it', async () => {
    const planned = await perform(source, registry.environment, { action: 'Plan' });
    registry.calls.length = 0;
    const { planDigest } = planned.status ?? {};
    const { status } = await perform(source, registry.environment, { planDigest });
    expect(status?.failure).to.equal(undefined);
    expect(registry.calls.some((url) => url.endsWith('.zip'))).to.equal(true);
    expect(await findObject()).not.to.equal(undefined);
  });

  it('is fetched over the network from a mirror that the settings name, and works', async () => {
    const { status } = await perform(MODULE, registry.mirrorEnvironment);
    expect(status?.failure).to.equal(undefined);
    expect(registry.calls.some((url) => url.endsWith('.zip'))).to.equal(true);
    expect(await findObject()).not.to.equal(undefined);
  });
});
