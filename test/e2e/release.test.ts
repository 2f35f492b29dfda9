import { expect } from 'chai';
import { RESOURCE_REQUESTS } from '../../crds/resource-types.ts';
import type { ResourceRequest } from '../../crds/resource-request.ts';
import { ApiClient, items } from '../../dev/demo/api-client.ts';
import { kubectl } from '../../dev/demo/kubectl.ts';
import { poll } from '../../dev/demo/poll.ts';
import { playScenario } from '../../dev/demo/scenario.ts';
import { playTenancy } from '../../dev/demo/steps/tenancy.ts';
import { playApproval, playRequest, waitForStatus } from '../../dev/demo/steps/requests.ts';
import { playTeardown } from '../../dev/demo/steps/teardown.ts';
import { randomSuffix, type StoryRequest, type Tenancy } from '../../dev/demo/world.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { SYSTEM_NAMESPACE } from '../support/chart/helm.ts';
import {
  makeAdministrator,
  readServiceUrl,
  startReleaseWorld,
  type ReleaseWorld,
} from './release-world.ts';
import { PeopleAtWork } from './people-at-work.ts';
import { offerUnplannedClass } from './unplanned-class.ts';

const trial = { values: 'trial-values.yaml', set: ['image.tag=dev'] };
const quieter = { values: 'trial-values.yaml', set: ['image.tag=dev', 'api.logLevel=warn'] };

describe('the chart, really installed', function () {
  this.timeout(10 * 60_000);
  let test: ReleaseWorld;
  let tenancy: Tenancy;
  let kept: StoryRequest;

  before('start a cluster', async function () {
    this.timeout(20 * 60_000);
    test = await startReleaseWorld();
  });
  after(async function () {
    this.timeout(3 * 60_000);
    await test.stop();
  });

  async function readPods(selector: string): Promise<string[]> {
    const options = ['--namespace', SYSTEM_NAMESPACE, '--selector', selector, '--output', 'name'];
    return (await kubectl(test.world.stage, ['get', 'pods', ...options])).split('\n').sort();
  }

  async function waitForRollout(component: string): Promise<void> {
    const target = `deployment/quartermaster-${component}`;
    const options = ['--namespace', SYSTEM_NAMESPACE, '--timeout', '25s'];
    await poll(
      async () => {
        try {
          await kubectl(test.world.stage, ['rollout', 'status', target, ...options]);
          return { done: undefined };
        } catch {
          return { seen: `no end of the rollout of ${component}` };
        }
      },
      { what: `the rollout of ${component}`, timeoutSeconds: 180, signal: test.world.signal },
    );
  }

  it('is there with every pod ready when `helm install` returns', async () => {
    await test.release.install(trial);
    const workload = 'app.kubernetes.io/component in (api,operator,postgres)';
    expect(await readPods(workload)).to.have.length(5);
    const template = '{range .items[*]}{.status.conditions[?(@.type=="Ready")].status} {end}';
    const options = ['--namespace', SYSTEM_NAMESPACE, '--selector', workload];
    const output = ['--output', `jsonpath=${template}`];
    const ready = await kubectl(test.world.stage, ['get', 'pods', ...options, ...output]);
    expect(ready.trim().split(' ')).to.deep.equal(Array.from({ length: 5 }, () => 'True'));
  });

  it('passes `helm test`', async () => {
    expect(await test.release.test()).to.match(/the api: 200[^]*the run API listens/);
  });

  it('makes the first administrator by the command of its notes', async () => {
    const { stage } = test.world;
    expect(await makeAdministrator(stage)).to.include(`administrator ${stage.adminEmail}`);
    stage.apiUrl = await readServiceUrl(stage);
  });

  it('does the main job through its Service: databases, namespaces, and their end', async () => {
    await playScenario(test.world);
  });

  it('has keys that no template knows, and that an upgrade leaves alone', async () => {
    const key = { namespace: SYSTEM_NAMESPACE, name: 'quartermaster-api-keys' };
    const before = await test.world.kube.get(RESOURCE_TYPES.secrets, key);
    await test.release.upgrade(quieter);
    const after = await test.world.kube.get(RESOURCE_TYPES.secrets, key);
    expect(after)
      .to.have.property('data')
      .that.deep.equals((before as { data?: object }).data);
  });

  describe('with people who work on it', () => {
    before(async () => {
      test.world.suffix = randomSuffix();
      tenancy = await playTenancy(test.world);
      await offerUnplannedClass(test.world, tenancy);
    });

    it('loses nothing in an upgrade: neither calls nor a request that is being provisioned', async () => {
      const work = new PeopleAtWork(tenancy);
      kept = await playRequest(test.world, tenancy, {
        ...{ class_name: 'postgres', name: 'orders', parameters: {} },
      });
      await playApproval(test.world, tenancy.approver, kept);
      await test.release.upgrade(trial);
      await waitForStatus(test.world, tenancy.developer, kept, 'ready');
      await work.expectNothingLost();
    });

    it('loses no call while api and operator are restarted', async () => {
      const work = new PeopleAtWork(tenancy);
      for (const component of ['api', 'operator']) {
        const target = `deployment/quartermaster-${component}`;
        const options = ['--namespace', SYSTEM_NAMESPACE];
        await kubectl(test.world.stage, ['rollout', 'restart', target, ...options]);
        await waitForRollout(component);
      }
      await work.expectNothingLost();
    });

    it('loses no call when pods of api and operator are deleted', async () => {
      const work = new PeopleAtWork(tenancy);
      for (const component of ['api', 'operator']) {
        const [pod = ''] = await readPods(`app.kubernetes.io/component=${component}`);
        const options = ['--namespace', SYSTEM_NAMESPACE, '--wait=false'];
        await kubectl(test.world.stage, ['delete', pod, ...options]);
        await waitForRollout(component);
      }
      await work.expectNothingLost();
    });
  });

  describe('when it is taken away', () => {
    it('keeps kinds, requests and what they made when it is uninstalled', async () => {
      await test.release.uninstall();
      await poll(
        async () => {
          const pods = await readPods('app.kubernetes.io/component in (api,operator,postgres)');
          return pods.join() === '' ? { done: undefined } : { seen: pods.join() };
        },
        { what: 'the end of the pods', timeoutSeconds: 90, signal: test.world.signal },
      );
      const resource = await test.world.kube.get<ResourceRequest>(RESOURCE_REQUESTS, {
        ...{ namespace: tenancy.namespace, name: kept.name },
      });
      expect(resource?.metadata.deletionTimestamp).to.equal(undefined);
      const statefulSets = ['get', 'statefulsets', '--namespace', tenancy.namespace];
      const ready = ['--output', 'jsonpath={.items[*].status.readyReplicas}'];
      expect(await kubectl(test.world.stage, [...statefulSets, ...ready])).to.equal('1');
    });

    it('goes on where it ended when it is installed again, and can take away what it made before', async () => {
      await test.release.install(trial);
      test.world.stage.apiUrl = await readServiceUrl(test.world.stage);
      for (const person of [tenancy.admin, tenancy.developer, tenancy.approver]) {
        person.api = new ApiClient(test.world.stage.apiUrl);
        await person.api.signIn(person.email, person.password, tenancy.organizationId);
      }
      const { body } = await tenancy.developer.api.expect(
        200,
        'GET',
        '/resource-requests?status=ready',
      );
      expect(items(body).map((item) => item['name'])).to.deep.equal([kept.name]);
      await playTeardown(test.world, tenancy, [kept]);
    });
  });
});
