import { existsSync, mkdirSync, rmdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { ResourceRun } from '../../../../crds/resource-run.ts';
import { eventually } from '../../../support/eventually.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { findTofu } from '../../../support/runs/find-tofu.ts';
import {
  createProviderMirror,
  type ProviderMirror,
} from '../../../support/runs/provider-mirror.ts';
import { RunWorld, trivialClass } from '../../../support/runs/run-world.ts';
import { startRunner } from '../../../support/runs/runner-process.ts';
import { FAILURE_CAUSES, type FailureCause } from './failure-causes.ts';

const MODULES = path.resolve(import.meta.dirname, 'modules');
const OBJECT_MODULE = path.resolve(
  import.meta.dirname,
  '../../../support/modules/kubernetes-object',
);
const MEMORY = '/sys/fs/cgroup/memory';
const MEMORY_LIMIT = 400 * 1024 * 1024;

describe('The class of a failure, with a real engine, provider and API server', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  let tofu: string;
  let mirror: ProviderMirror;
  let world: RunWorld;

  before('build the engine and the provider', async function () {
    this.timeout(15 * 60_000);
    tofu = await findTofu();
    mirror = await createProviderMirror();
    world = await RunWorld.open(cluster.client, await cluster.createNamespace());
  });
  after('close the run API', async () => {
    await world.close();
    mirror.remove();
  });

  /** Has a run with a module and waits for its end. */
  async function perform(
    module: { source: string; manifest?: object | undefined },
    how: { engine?: string; environment?: Record<string, string>; onStart?: (pid: number) => void },
    request = world.createRequest(),
  ): Promise<ResourceRun> {
    const { source, manifest } = module;
    const variables = manifest === undefined ? {} : { manifest: JSON.stringify(manifest) };
    const parameters = { type: 'object' };
    const classSpec = { ...trivialClass, module: { source }, parameters, variables, outputs: {} };
    const run = await world.createRun(await request, { classSpec });
    const access = await world.access.issueRunAccess(run);
    const environment = { ...mirror.environment, ...how.environment };
    const runner = startRunner(access, how.engine ?? tofu, environment);
    if (runner.pid !== undefined) how.onStart?.(runner.pid);
    expect(await runner.exited, runner.output()).to.equal(0);
    return world.readRun(run);
  }

  async function failBy(cause: FailureCause): Promise<ResourceRun> {
    const request = await world.createRequest();
    await cause.prepare?.(cluster.client, request.namespace);
    const source = cause.source ?? OBJECT_MODULE;
    const environment = (await cause.environment?.(cluster)) ?? {
      KUBE_CONFIG_PATH: cluster.kubeconfig,
    };
    const manifest = cause.manifest?.(request.namespace);
    return perform({ source, manifest }, { environment }, Promise.resolve(request));
  }

  for (const cause of FAILURE_CAUSES) {
    it(`is ${cause.type} when ${cause.title}`, async () => {
      const { failure } = (await failBy(cause)).status ?? {};
      expect(failure?.message).to.match(cause.text);
      expect(failure?.type, failure?.message).to.equal(cause.type);
    });
  }

  it('is Configuration when the image has no such engine', async () => {
    const source = path.join(MODULES, 'leaky');
    const { status } = await perform({ source }, { engine: 'no-such-engine' });
    expect(status?.failure?.type).to.equal('Configuration');
    expect(status?.failure?.message).to.contain('no usable program "no-such-engine"');
  });

  it('is OutOfMemory when the kernel kills what takes more than the limit', async function () {
    const canLimit = existsSync(path.join(MEMORY, 'memory.limit_in_bytes'));
    if (!canLimit || process.getuid?.() !== 0) this.skip();
    const group = path.join(MEMORY, `quartermaster-test-${process.pid}`);
    mkdirSync(group);
    try {
      writeFileSync(path.join(group, 'memory.limit_in_bytes'), String(MEMORY_LIMIT));
      const onStart = (pid: number): void =>
        writeFileSync(path.join(group, 'cgroup.procs'), String(pid));
      const { status } = await perform({ source: path.join(MODULES, 'hungry') }, { onStart });
      expect(status?.failure?.type, status?.failure?.message).to.equal('OutOfMemory');
    } finally {
      await eventually(() => rmdirSync(group));
    }
  });
});
