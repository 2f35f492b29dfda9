import { expect } from 'chai';
import { BOUNDS_NAME } from '../../../api/sync/relay/build-project-bounds.ts';
import { API_VERSION } from '../../../crds/constants.ts';
import { RESOURCE_REQUESTS } from '../../../crds/resource-types.ts';
import { ForbiddenError } from '../../../lib/kube/errors.ts';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { buildTeam, type Team } from '../../support/api/people.ts';
import { unique } from '../../support/api/test-api.ts';
import { eventually } from '../../support/eventually.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';
import { rejection } from '../../support/rejection.ts';
import { makeRequest, REQUESTS, type Shown } from '../../support/requests/requests.ts';
import { PLATFORM, startSyncedApi, type SyncedApi } from '../../support/requests/synced-api.ts';

const COUNTED = 'count/resourcerequests.quartermaster.dev';

type Quota = KubeObject & { spec: { hard: Record<string, string> } };

describe('requests in the cluster of a class that approves by itself', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  let api: SyncedApi;
  let team: Team;
  before(async () => {
    api = await startSyncedApi(cluster, PLATFORM, { PROJECT_QUOTA: `${COUNTED}=2` });
    team = await buildTeam(api);
    await setUsed(await quota(), '0');
  });
  after(() => api.close());

  const quota = (): Promise<Quota> =>
    eventually(async () => {
      const key = { namespace: team.namespace, name: BOUNDS_NAME };
      const found = await api.kube.get<Quota>(RESOURCE_TYPES.resourceQuotas, key);
      if (!found) throw new Error('no quota yet');
      return found;
    });
  /** No controller counts here; what comes from now on, the API server adds by itself. */
  const setUsed = async ({ metadata, spec }: Quota, used: string): Promise<unknown> => {
    const status = { hard: spec.hard, used: { [COUNTED]: used } };
    const options = { subresource: 'status' as const };
    return api.kube.mergePatch(RESOURCE_TYPES.resourceQuotas, metadata, { status }, options);
  };
  const create = (name: string): Promise<unknown> =>
    api.kube.create(RESOURCE_REQUESTS, {
      ...{ apiVersion: API_VERSION, kind: 'ResourceRequest' },
      metadata: { namespace: team.namespace, name },
      spec: { className: 'scratch', parameters: { text: 'mine' } },
    } as never);
  const list = async (): Promise<Shown[]> =>
    (await team.readOnly.client.get<{ items: Shown[] }>(REQUESTS)).body.items;

  it('are bounded by the quota of the namespace, which nothing past it gets by', async () => {
    expect((await quota()).spec.hard).to.deep.equal({ [COUNTED]: '2' });
    const names = [unique('c'), unique('c')].map((name) => name.slice(0, 40));
    for (const name of names) await create(name);
    const error = await rejection(create('one-too-many'));
    expect(error).to.be.instanceOf(ForbiddenError);
    expect(error.message).to.contain('exceeded quota');
    await eventually(async () => {
      const shown = (await list()).map(({ name, status }) => ({ name, status }));
      const expected = names.map((name) => ({ name, status: 'approved' }));
      expect(shown).to.have.deep.members(expected);
    });
  });

  it('keep what the api carries over waiting as well, until there is room', async () => {
    const made = await makeRequest(team, { class_name: 'scratch' });
    await eventually(() => {
      const refused = api.logged.filter(({ error }) => error instanceof ForbiddenError);
      expect(refused.length).to.be.above(0);
    });
    const key = { namespace: team.namespace, name: made.name };
    expect(await api.kube.get(RESOURCE_REQUESTS, key)).to.equal(undefined);
    await setUsed(await quota(), '1');
    await eventually(async () => {
      expect(await api.kube.get(RESOURCE_REQUESTS, key)).not.to.equal(undefined);
    }, 30_000);
  });
});
