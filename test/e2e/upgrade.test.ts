import { expect } from 'chai';
import { recordedChart } from '../../dev/chart/recorded-release.ts';
import { items } from '../../dev/demo/api-client.ts';
import { playTenancy } from '../../dev/demo/steps/tenancy.ts';
import { playApproval, playRequest, waitForStatus } from '../../dev/demo/steps/requests.ts';
import { playTeardown } from '../../dev/demo/steps/teardown.ts';
import type { StoryRequest, Tenancy } from '../../dev/demo/world.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { SYSTEM_NAMESPACE } from '../support/chart/helm.ts';
import { PeopleAtWork } from './people-at-work.ts';
import {
  makeAdministrator,
  readServiceUrl,
  startReleaseWorld,
  type ReleaseWorld,
} from './release-world.ts';
import { offerUnplannedClass } from './unplanned-class.ts';

const trial = { values: 'trial-values.yaml', set: ['image.tag=dev'] };

describe('an upgrade from the release before', function () {
  this.timeout(10 * 60_000);
  let test: ReleaseWorld;
  let tenancy: Tenancy;
  let ready: StoryRequest;

  before('start a cluster with the release before, and people who use it', async function () {
    this.timeout(25 * 60_000);
    test = await startReleaseWorld();
    await test.release.install({ ...trial, chart: recordedChart });
    const { stage } = test.world;
    await makeAdministrator(stage);
    stage.apiUrl = await readServiceUrl(stage);
    tenancy = await playTenancy(test.world);
    await offerUnplannedClass(test.world, tenancy);
    ready = await askFor('namespace', 'ready-before');
    await waitForStatus(test.world, tenancy.developer, ready, 'ready');
  });
  after(async function () {
    this.timeout(3 * 60_000);
    await test.stop();
  });

  async function askFor(className: string, name: string): Promise<StoryRequest> {
    const wanted = { class_name: className, name, parameters: {} };
    const request = await playRequest(test.world, tenancy, wanted);
    await playApproval(test.world, tenancy.approver, request);
    return request;
  }

  async function readKeys(): Promise<unknown> {
    const key = { namespace: SYSTEM_NAMESPACE, name: 'quartermaster-api-keys' };
    return ((await test.world.kube.get(RESOURCE_TYPES.secrets, key)) as { data?: object }).data;
  }

  it('loses no call, no request that is being provisioned, and no key', async () => {
    const keys = await readKeys();
    const work = new PeopleAtWork(tenancy);
    const inFlight = await askFor('postgres', 'in-flight');
    await test.release.upgrade(trial);
    await waitForStatus(test.world, tenancy.developer, inFlight, 'ready');
    await work.expectNothingLost();
    expect(await readKeys()).to.deep.equal(keys);
    const { body } = await tenancy.developer.api.expect(
      200,
      'GET',
      '/resource-requests?status=ready',
    );
    const names = items(body).map(({ name }) => name);
    expect(names).to.have.members(['ready-before', 'in-flight']);
    await playTeardown(test.world, tenancy, [ready, inFlight]);
  });

  it('passes `helm test` afterwards', async () => {
    expect(await test.release.test()).to.match(/the api: 200/);
  });
});
