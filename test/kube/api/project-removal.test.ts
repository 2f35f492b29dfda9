import { expect } from 'chai';
import { ProjectNamespaces } from '../../../api/sync/relay/project-namespaces.ts';
import { systemClock } from '../../../lib/clock.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { buildTeam, type Team } from '../../support/api/people.ts';
import { expectProblem } from '../../support/api/test-client.ts';
import { eventually } from '../../support/eventually.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';
import { makeRequest } from '../../support/requests/requests.ts';
import { PLATFORM, startSyncedApi, type SyncedApi } from '../../support/requests/synced-api.ts';

describe('the namespace of a project that is removed', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  let api: SyncedApi;
  let team: Team;
  before(async () => {
    api = await startSyncedApi(cluster);
    team = await buildTeam(api);
    await eventually(async () => {
      expect(await find(team.namespace)).to.equal('there');
    });
  });
  after(() => api.close());

  /** No controller empties a namespace here: one that was deleted stays as one that ends. */
  async function find(name: string): Promise<'there' | 'ending' | 'gone'> {
    const found = await cluster.client.get(RESOURCE_TYPES.namespaces, { name });
    if (!found) return 'gone';
    return found.metadata.deletionTimestamp === undefined ? 'there' : 'ending';
  }
  const projectPath = (): string =>
    `/api/v1/orgs/${team.organizationId}/projects/${team.projectId}`;

  it('stays while something lives in the project', async () => {
    const { id } = await makeRequest(team);
    expectProblem(await team.admin.client.delete(projectPath()), 409, 'HAS_REQUESTS');
    expect(await find(team.namespace)).to.equal('there');
    await team.developer.client.post(`/api/v1/resource-requests/${id}/cancel`);
  });

  it('stays where it is somebody else’s, though it has the name', async () => {
    const namespace = await cluster.createNamespace();
    const namespaces = new ProjectNamespaces({
      ...{ client: cluster.client, platform: PLATFORM, clock: systemClock },
    });
    await namespaces.remove({ namespace, organizationSlug: 'acme', projectSlug: 'shop' });
    expect(await find(namespace)).to.equal('there');
  });

  it('goes with the project, by way of the outbox', async () => {
    expect((await team.admin.client.delete(projectPath())).status).to.equal(204);
    await eventually(async () => {
      expect(await find(team.namespace)).to.be.oneOf(['ending', 'gone']);
    });
  });
});
