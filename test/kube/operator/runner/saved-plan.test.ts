import path from 'node:path';
import { expect } from 'chai';
import {
  decodeRunPlan,
  RUN_PLAN_KEY,
  runPlanName,
  type RunPlan,
} from '../../../../crds/run-plan.ts';
import type { ResourceRun } from '../../../../crds/resource-run.ts';
import type { ConfigMap, Secret } from '../../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import { describeLog } from '../../../../operator/run-api/describe-log.ts';
import { planChunkName, planName } from '../../../../operator/state/names.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { findTofu } from '../../../support/runs/find-tofu.ts';
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

describe('A saved plan, with a real engine, provider and API server', function () {
  this.timeout(120_000);
  const cluster = useTestCluster();
  let tofu: string;
  let mirror: ProviderMirror;
  let world: RunWorld;
  let request: FakeRequest;

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
  beforeEach(async () => {
    request = await world.createRequest();
  });

  async function perform(options: RunOptions, as = request, from = mirror): Promise<ResourceRun> {
    const run = await world.createRun(as, { ...objectOf(as), ...options });
    const runner = startRunner(await world.access.issueRunAccess(run), tofu, {
      ...from.environment,
      KUBE_CONFIG_PATH: cluster.kubeconfig,
    });
    expect(await runner.exited, runner.output()).to.equal(0);
    return world.readRun(run);
  }

  /** A class that makes one ConfigMap with the value of the parameter `text`. */
  function objectOf({ namespace }: FakeRequest): RunOptions {
    const manifest = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { name: 'thing', namespace },
      data: { color: 'blue' },
    };
    const variables = { manifest: JSON.stringify(manifest) };
    const module = { source: OBJECT_MODULE };
    const classSpec = {
      ...trivialClass,
      module,
      variables,
      outputs: {},
      parameters: { type: 'object' },
    };
    return { classSpec };
  }

  async function planFor(as = request): Promise<string> {
    const { status } = await perform({ action: 'Plan' }, as);
    expect(status?.failure?.message).to.equal(undefined);
    return status?.planDigest ?? '';
  }

  function readThing(): Promise<ConfigMap | undefined> {
    const key = { namespace: request.namespace, name: 'thing' };
    return world.client.get<ConfigMap>(RESOURCE_TYPES.configMaps, key);
  }

  async function readLog(run: ResourceRun): Promise<string> {
    const { lines } = await world.stores.logs.read(describeLog(run));
    return lines.map(({ text }) => text).join('\n');
  }

  async function readPlan(run: ResourceRun): Promise<RunPlan> {
    const key = { namespace: world.namespace, name: runPlanName(run.metadata.name) };
    const shown = await world.client.get<ConfigMap>(RESOURCE_TYPES.configMaps, key);
    return decodeRunPlan(shown?.binaryData?.[RUN_PLAN_KEY] ?? '');
  }

  describe('applies nothing and says which it was', () => {
    const CASES: {
      title: string;
      says: string;
      move: (planDigest: string) => Promise<void>;
      /** Whether there is something before the plan is made. */
      applied?: boolean;
      apply?: RunOptions;
    }[] = [
      {
        title: 'when the state was pushed by another run',
        says: 'The state has changed since the plan was made.',
        move: async () => {
          const holder = { run: 'another', instance: 'a' };
          await world.stores.lock.acquire(request.uid, holder);
          await world.stores.state.write(request.uid, Buffer.from('{"version":4}'), holder);
          await world.stores.releaseLock(request.uid, 'another');
        },
      },
      {
        title: 'when the plan was deleted',
        says: 'The plan that was approved is not there any more.',
        move: async (planDigest) => {
          await world.client.delete(RESOURCE_TYPES.secrets, {
            namespace: world.namespace,
            name: planName(planDigest),
          });
        },
      },
      {
        title: 'when one byte of the plan was flipped',
        says: 'The plan that was approved was altered where it is stored.',
        move: (planDigest) => flipByte(planChunkName(planDigest, 0), 'chunk'),
      },
      {
        title: 'when one byte of the record of the plan was flipped',
        says: 'The plan that was approved was altered where it is stored.',
        move: (planDigest) => flipByte(planName(planDigest), 'sealed'),
      },
      {
        title: 'when the parameters are others',
        says: 'The plan that was approved was made for other parameters.',
        move: () => Promise.resolve(),
        apply: { inputsDigest: 'sha256:edited' },
      },
      {
        title: 'when the class was revised',
        says: 'The plan that was approved was made with another revision of the class.',
        move: () => Promise.resolve(),
        apply: { classSpec: { ...trivialClass, title: 'Revised', timeouts: { apply: '5m' } } },
      },
      {
        title: 'when what is there was deleted behind its back',
        says: 'What is there has changed since the plan was made: module.resource.',
        applied: true,
        move: async () => {
          const key = { namespace: request.namespace, name: 'thing' };
          await world.client.delete(RESOURCE_TYPES.configMaps, key);
        },
      },
    ];
    for (const { title, says, applied, move, apply } of CASES) {
      it(title, async () => {
        if (applied) await perform({});
        const planDigest = await planFor();
        await move(planDigest);
        const run = await perform({ ...apply, planDigest });
        expect(run.status?.failure?.type, run.status?.failure?.message).to.equal('PlanOutdated');
        expect(run.status?.failure?.message).to.contain(says);
        expect(await readThing()).to.equal(undefined);
      });
    }

    const PROVIDERS: { title: string; change: (image: ProviderMirror) => void }[] = [
      { title: 'of another version', change: (image) => image.offer('1.19.1') },
      { title: 'not the same byte for byte', change: (image) => image.alter() },
    ];
    for (const { title, change } of PROVIDERS) {
      for (const applied of [false, true]) {
        const where = applied ? 'where there is something' : 'where there is nothing yet';
        it(`when the provider is ${title}, ${where}`, async () => {
          const image = await createProviderMirror();
          if (applied) await perform({}, request, image);
          const { status } = await perform({ action: 'Plan' }, request, image);
          change(image);
          const run = await perform({ planDigest: status?.planDigest }, request, image);
          image.remove();
          expect(run.status?.failure).to.deep.equal({
            type: 'PlanOutdated',
            message: 'The providers have changed since the plan was made.',
          });
          expect((await readThing()) !== undefined).to.equal(applied);
        });
      }
    }

    it('when it is the plan of another request', async () => {
      const other = await world.createRequest();
      const planDigest = await planFor(other);
      const run = await perform({ planDigest });
      expect(run.status?.failure?.message).to.contain('was made for another request');
      expect(await readThing()).to.equal(undefined);
    });
  });

  it('is applied as it is, once', async () => {
    const planDigest = await planFor();
    const run = await perform({ planDigest });
    expect(run.status?.failure?.message).to.equal(undefined);
    expect((await readThing())?.data).to.deep.equal({ color: 'blue' });
    const again = await perform({ planDigest, attempt: 2 });
    expect(again.status?.failure?.type).to.equal('PlanOutdated');
  });

  it('is compared with what is there, and planned a second time for that, only where there is a state', async () => {
    const first = await perform({ planDigest: await planFor() });
    expect(await readLog(first)).not.to.contain('Plan: ');
    const second = { parameters: {}, attempt: 2, inputsDigest: 'sha256:second' };
    const { status } = await perform({ ...second, action: 'Plan' });
    const repeated = await perform({ ...second, planDigest: status?.planDigest });
    expect(repeated.status?.failure?.message).to.equal(undefined);
    expect(await readLog(repeated)).to.contain('Plan: 0 to add');
  });

  it('is applied with the module and the providers that were there for it, without fetching any again', async () => {
    const planDigest = await planFor();
    const { installation, lockFile } = (await world.stores.plans.find(planDigest)) ?? {};
    expect(Object.values(installation?.links ?? {})).to.include(OBJECT_MODULE);
    expect(lockFile).to.contain('gavinbunney/kubectl');
    const run = await perform({ planDigest });
    expect(run.status?.failure?.message).to.equal(undefined);
    expect(await readLog(run)).not.to.contain('Initializing');
  });

  it('brings the secret values that it was made with, also to a resource that came later', async () => {
    const earlier = { ...request, uid: `${request.uid}-planned` };
    const { status } = await perform({ action: 'Plan', classSpec: trivialClass }, earlier);
    const { generated = {} } = (await world.stores.plans.find(status?.planDigest ?? '')) ?? {};
    const { failure } =
      (await perform({ classSpec: trivialClass, planDigest: status?.planDigest })).status ?? {};
    expect(failure?.message).to.equal(undefined);
    const outputs = await world.stores.outputs.read(request.uid);
    expect(outputs?.['password'])
      .to.equal(generated['password'])
      .and.to.match(/^\w{32}$/);
  });

  it('is shown with every change and without a secret', async () => {
    const run = await perform({
      action: 'Plan',
      classSpec: trivialClass,
      parameters: { text: 'new' },
    });
    const plan = await readPlan(run);
    expect(plan.planDigest).to.equal(run.status?.planDigest);
    expect(plan.changes).to.deep.equal({ add: 1, change: 0, destroy: 0 });
    const [thing] = plan.resources;
    expect(thing?.address).to.equal('module.resource.terraform_data.thing');
    expect(thing?.attributes).to.deep.include({ path: 'input.text', after: { json: '"new"' } });
    expect(thing?.attributes).to.deep.include({
      path: 'id',
      after: { hidden: 'known after apply' },
    });
    expect(plan.text).to.contain('Plan: 1 to add, 0 to change, 0 to destroy.');
    const { generated = {} } = (await world.stores.plans.find(plan.planDigest)) ?? {};
    expect(generated['password']).to.match(/^\w{32}$/);
    expect(JSON.stringify(plan)).not.to.contain(generated['password']);
  });

  describe('of a destruction', () => {
    it('shows everything as going and no secret, and destroys exactly that', async () => {
      const changed = { classSpec: trivialClass, parameters: { text: 'old' } };
      await perform(changed);
      const outputs = await world.stores.outputs.read(request.uid);
      const planned = await perform({ ...changed, action: 'Plan', destroys: true });
      const plan = await readPlan(planned);
      expect(plan.changes).to.deep.equal({ add: 0, change: 0, destroy: 1 });
      expect(plan.resources.map(({ action }) => action)).to.deep.equal(['delete']);
      expect(plan.text).to.contain('Plan: 0 to add, 0 to change, 1 to destroy.');
      expect(outputs?.['password']).to.match(/^\w{32}$/);
      expect(JSON.stringify(plan)).not.to.contain(outputs?.['password']);
      const { planDigest } = plan;
      const { status } = await perform({ ...changed, action: 'Destroy', planDigest });
      expect(status?.failure?.message).to.equal(undefined);
      expect(status?.changes).to.deep.equal({ add: 0, change: 0, destroy: 1 });
    });

    it('applies nothing in the place of an apply', async () => {
      await perform({});
      const { status } = await perform({ action: 'Plan', destroys: true });
      const run = await perform({ planDigest: status?.planDigest, attempt: 2 });
      expect(run.status?.failure?.type).to.equal('PlanOutdated');
      expect(await readThing()).not.to.equal(undefined);
    });

    it('is never the plan of an apply', async () => {
      await perform({});
      const planDigest = await planFor();
      const run = await perform({ action: 'Destroy', planDigest });
      expect(run.status?.failure?.type).to.equal('PlanOutdated');
      expect(await readThing()).not.to.equal(undefined);
    });
  });

  async function flipByte(name: string, key: string): Promise<void> {
    const { client, namespace } = world;
    const secret = await client.get<Secret>(RESOURCE_TYPES.secrets, { namespace, name });
    const bytes = Buffer.from(secret?.data?.[key] ?? '', 'base64');
    bytes[bytes.length - 1] = (bytes[bytes.length - 1] ?? 0) ^ 1;
    const data = { ...secret?.data, [key]: bytes.toString('base64') };
    if (secret === undefined) throw new Error(`there is no Secret ${name}`);
    await client.delete(RESOURCE_TYPES.secrets, secret.metadata);
    const { labels, ownerReferences } = secret.metadata;
    const metadata = { namespace, name, labels, ownerReferences };
    await client.create(RESOURCE_TYPES.secrets, { ...secret, metadata, data });
  }
});
