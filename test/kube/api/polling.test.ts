import { expect } from 'chai';
import type { Relay } from '../../../api/sync/relay/relay.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import { RESOURCE_REQUESTS } from '../../../crds/resource-types.ts';
import { buildTeam } from '../../support/api/people.ts';
import { startTestApi, type TestApi } from '../../support/api/test-api.ts';
import { eventually } from '../../support/eventually.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';
import { catalogueOf, ordinaryClasses } from '../../support/requests/class-objects.ts';
import { startLoneRelay } from '../../support/requests/lone-relay.ts';
import { makeApproved } from '../../support/requests/requests.ts';
import { preparePlatform } from '../../support/requests/synced-api.ts';

describe('a relay that hears no notification', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  let api: TestApi;
  let relay: Relay;
  before(async () => {
    await preparePlatform(cluster.client);
    api = await startTestApi({ classes: catalogueOf(ordinaryClasses()) });
    relay = startLoneRelay(api, cluster.client);
  });
  after(async () => {
    await relay.stop();
    await api.close();
  });

  it('carries approvals over all the same, since it looks by itself', async () => {
    const team = await buildTeam(api);
    for (let round = 1; round <= 3; round += 1) {
      const made = await makeApproved(team);
      await eventually(async () => {
        const found = await cluster.client.get<ResourceRequest>(RESOURCE_REQUESTS, made.resource!);
        expect(found?.spec.approval).to.be.a('string');
      });
    }
  });
});
