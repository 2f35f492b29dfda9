import { expect } from 'chai';
import { OutboxQueue } from '../../../api/sync/relay/outbox-queue.ts';
import { Sweep } from '../../../api/sync/sweep.ts';
import { API_VERSION } from '../../../crds/constants.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import { RESOURCE_REQUESTS } from '../../../crds/resource-types.ts';
import { buildTeam, type Team } from '../../support/api/people.ts';
import { eventually } from '../../support/eventually.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';
import {
  makeApproved,
  makeRequest,
  REQUESTS,
  type Shown,
} from '../../support/requests/requests.ts';
import { startSyncedApi, type SyncedApi } from '../../support/requests/synced-api.ts';

describe('the comparison of both sides', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  let api: SyncedApi;
  let team: Team;
  before(async () => {
    api = await startSyncedApi(cluster);
    team = await buildTeam(api);
  });
  after(() => api.close());

  const looked: string[] = [];
  const find = (shown: Shown): Promise<ResourceRequest | undefined> =>
    api.kube.get<ResourceRequest>(RESOURCE_REQUESTS, shown.resource!);
  const makeCarriedOver = async (): Promise<Shown> => {
    const made = await makeApproved(team);
    await eventually(async () => expect(await find(made)).not.to.equal(undefined));
    await eventually(async () => expect(await openTasks(made.id)).to.equal(0));
    return made;
  };
  const openTasks = (key: string): Promise<number> =>
    api.deps.database.withSystem('test', async (trx) => {
      const rows = await trx('outbox').where({ key, done_at: null }).pluck('id');
      return rows.length;
    });
  const change = (id: string, columns: object): Promise<number> =>
    api.deps.database.withSystem('test', async (trx) =>
      trx('resource_requests').where({ id }).update(columns),
    );
  const compare = async (): Promise<string[]> => {
    const resources = await api.kube.list<ResourceRequest>(RESOURCE_REQUESTS, {
      namespace: team.namespace,
    });
    const { database, log } = api.deps;
    const queue = new OutboxQueue(database, { owner: 'test', leaseSeconds: 30 });
    return new Sweep({
      database,
      queue,
      log,
      lookAt: (key) => void looked.push(key),
      resources: { list: () => resources },
    }).compare();
  };

  it('finds nothing where both sides agree', async () => {
    const made = await makeCarriedOver();
    expect(await compare()).not.to.include(made.id);
  });

  it('sends a decision again whose order was lost', async () => {
    const made = await makeCarriedOver();
    await change(made.id, { parameters: JSON.stringify({ text: 'lost' }) });
    expect(await compare()).to.include(made.id);
    await eventually(async () => {
      expect((await find(made))?.spec.parameters).to.deep.equal({ text: 'lost' });
    });
  });

  it('finds a resource that asks for something else than what was approved, and reports it', async () => {
    const made = await makeCarriedOver();
    await change(made.id, { status: 'ready' });
    const other = {
      ...{ apiVersion: API_VERSION, kind: 'ResourceRequest', metadata: made.resource! },
      spec: { className: 'trivial', parameters: { text: 'edited by hand' } },
    };
    await api.kube.apply(RESOURCE_REQUESTS, other as never, {
      fieldManager: 'kubectl',
      force: true,
    });
    expect(await compare()).to.include(made.id);
    await eventually(async () => {
      const { body } = await team.readOnly.client.get<Shown>(`${REQUESTS}/${made.id}`);
      expect(body).to.deep.include({ status: 'failed' });
      expect(body.failure?.type).to.equal('Conflict');
    });
  });

  it('ends a request whose resource is gone without anybody having seen it go', async () => {
    const made = await makeCarriedOver();
    await change(made.id, { resource_uid: 'of-one-that-is-gone' });
    expect(await compare()).to.include(made.id);
    await eventually(async () => {
      const { body } = await team.readOnly.client.get<Shown>(`${REQUESTS}/${made.id}`);
      expect(body.status).to.equal('deleted');
    });
  });

  it('looks at resources that are of no request', async () => {
    // Not imported, since a request of the api has the name.
    const { name } = await makeRequest(team);
    const key = { namespace: team.namespace, name };
    await api.kube.create(RESOURCE_REQUESTS, {
      ...{ apiVersion: API_VERSION, kind: 'ResourceRequest', metadata: key },
      spec: { className: 'trivial' },
    } as never);
    looked.length = 0;
    await compare();
    expect(looked).to.include(`${key.namespace}/${key.name}`);
  });

  it('removes a resource whose request is over', async () => {
    const made = await makeCarriedOver();
    await change(made.id, { status: 'deleted' });
    expect(await compare()).to.include(made.id);
    await eventually(async () => expect(await find(made)).to.equal(undefined));
  });
});
