import { expect } from 'chai';
import { API_VERSION, FINALIZER } from '../../../crds/constants.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import { RESOURCE_REQUESTS, RESOURCE_RUNS } from '../../../crds/resource-types.ts';
import { buildTeam, type Team } from '../../support/api/people.ts';
import { eventually } from '../../support/eventually.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';
import { setFinalizers, stateReady } from '../../support/requests/operator-stand-in.ts';
import { approve, makeApproved, REQUESTS, type Shown } from '../../support/requests/requests.ts';
import { PLATFORM, startSyncedApi, type SyncedApi } from '../../support/requests/synced-api.ts';

describe('the mirror on a real API server', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  let api: SyncedApi;
  let team: Team;
  before(async () => {
    api = await startSyncedApi(cluster);
    team = await buildTeam(api);
  });
  after(() => api.close());

  const show = async (id: string): Promise<Shown> =>
    (await team.readOnly.client.get<Shown>(`${REQUESTS}/${id}`)).body;
  const becomes = (id: string, status: string): Promise<Shown> =>
    eventually(async () => {
      const shown = await show(id);
      expect(shown.status, JSON.stringify(shown.failure)).to.equal(status);
      return shown;
    }, 5_000);
  const resourceOf = (shown: Shown): Promise<ResourceRequest> =>
    eventually(async () => {
      const found = await api.kube.get<ResourceRequest>(RESOURCE_REQUESTS, shown.resource!);
      if (!found) throw new Error('not there yet');
      return found;
    });
  const openTasks = (key: string): Promise<number> =>
    api.deps.database.withSystem('test', async (trx) => {
      const rows = await trx('outbox').where({ key, done_at: null }).pluck('id');
      return rows.length;
    });
  const eventsOf = async (id: string): Promise<string[]> => {
    const path = `${REQUESTS}/${id}/events`;
    const { body } = await team.readOnly.client.get<{ items: { type: string }[] }>(path);
    return body.items.map(({ type }) => type).reverse();
  };

  const provisioning = { status: 'False', reason: 'Provisioning', message: 'a run is on' } as const;
  const available = { status: 'True', reason: 'Available', message: 'it is there' } as const;

  it('follows a resource to ready, with outputs, conditions and where the credentials are', async () => {
    const made = await makeApproved(team);
    await stateReady(api.kube, await resourceOf(made), provisioning);
    await becomes(made.id, 'provisioning');
    const binding = { name: `${made.name}-credentials` };
    await stateReady(api.kube, await resourceOf(made), available, {
      ...{ binding, outputs: { id: 'abc' } },
    });
    const shown = await becomes(made.id, 'ready');
    expect(shown.outputs).to.deep.equal({ id: 'abc' });
    expect(shown.conditions).to.have.length(1);
    const reference = {
      secret_name: binding.name,
      namespace: team.namespace,
      keys: ['id', 'password', 'provider', 'text', 'type'],
    };
    expect(shown.credentials).to.deep.equal(reference);
    const answer = await team.developer.client.get(`${REQUESTS}/${made.id}/credentials`);
    expect(answer.body).to.deep.equal(reference);
    expect(await eventsOf(made.id)).to.deep.equal([
      ...['requested', 'approved', 'provisioning', 'ready'],
    ]);
  });

  it('shows what the operator says soon after it was said', async () => {
    const times: number[] = [];
    for (let round = 0; round < 10; round += 1) {
      const made = await makeApproved(team);
      await stateReady(api.kube, await resourceOf(made), available);
      const said = performance.now();
      await becomes(made.id, 'ready');
      times.push(performance.now() - said);
    }
    times.sort((left, right) => left - right);
    const [median = 0, worst = 0] = [times[4], times[9]].map((time) => Math.round(time ?? 0));
    process.stdout.write(`      median ${median} ms, worst ${worst} ms\n`);
  });

  it('shows a failure, and takes it back when another try succeeds', async () => {
    const made = await makeApproved(team);
    const failed = { status: 'False', reason: 'RunFailed', message: 'Quota' } as const;
    const failure = { type: 'Quota', message: 'no more databases' } as const;
    await stateReady(api.kube, await resourceOf(made), failed, { failure });
    expect((await becomes(made.id, 'failed')).failure).to.deep.equal(failure);
    await stateReady(api.kube, await resourceOf(made), available);
    expect((await becomes(made.id, 'ready')).failure).to.equal(null);
  });

  it('does not take what is said about the old revision for the new one', async () => {
    const made = await makeApproved(team);
    await stateReady(api.kube, await resourceOf(made), available);
    await becomes(made.id, 'ready');
    await team.developer.client.patch(`${REQUESTS}/${made.id}`, { parameters: { text: 'new' } });
    expect((await show(made.id)).status).to.equal('ready');
    expect((await approve(team.approver.client, made.id)).body.status).to.equal('approved');
    const changed = await eventually(async () => {
      const resource = await resourceOf(made);
      expect(resource.spec.parameters).to.deep.equal({ text: 'new' });
      return resource;
    });
    expect((await show(made.id)).status).to.equal('approved');
    await stateReady(api.kube, changed, available);
    await becomes(made.id, 'ready');
  });

  it('ends a request whose resource somebody deleted', async () => {
    const made = await makeApproved(team);
    await resourceOf(made);
    await api.kube.delete(RESOURCE_REQUESTS, made.resource!);
    await becomes(made.id, 'deleted');
  });

  it('has the relay look after the end of what somebody deletes, until it is gone', async () => {
    const made = await makeApproved(team);
    await resourceOf(made);
    await eventually(async () => expect(await openTasks(made.id)).to.equal(0));
    await setFinalizers(api.kube, made.resource!, [FINALIZER]);
    await api.kube.delete(RESOURCE_REQUESTS, made.resource!);
    await becomes(made.id, 'deleting');
    expect(await openTasks(made.id)).to.equal(1);
    await setFinalizers(api.kube, made.resource!, []);
    await becomes(made.id, 'deleted');
    await eventually(async () => expect(await openTasks(made.id)).to.equal(0), 30_000);
  });

  it('does not believe a resource that claims to be of another request', async () => {
    const made = await makeApproved(team);
    const { metadata, spec } = await resourceOf(made);
    const copy = {
      apiVersion: API_VERSION,
      kind: 'ResourceRequest',
      metadata: { namespace: team.namespace, name: 'copy', annotations: metadata.annotations },
      spec,
    };
    const forged = await api.kube.create(RESOURCE_REQUESTS, copy);
    await stateReady(api.kube, forged as ResourceRequest, available);
    await api.kube.delete(RESOURCE_REQUESTS, copy.metadata);
    const other = await makeApproved(team);
    await stateReady(api.kube, await resourceOf(other), available);
    await becomes(other.id, 'ready');
    expect((await show(made.id)).status).to.equal('approved');
  });

  it('lists the runs of a request', async () => {
    const made = await makeApproved(team);
    const { metadata } = await resourceOf(made);
    await api.kube.create(RESOURCE_RUNS, {
      apiVersion: API_VERSION,
      kind: 'ResourceRun',
      metadata: { namespace: PLATFORM.runs, name: `${made.name}-apply-1` },
      spec: {
        requestRef: { namespace: metadata.namespace, name: metadata.name, uid: metadata.uid },
        ...{ action: 'Apply', attempt: 1, classRevision: 'trivial-1', inputsDigest: 'sha256:0' },
      },
    } as never);
    await eventually(async () => {
      const { body } = await team.readOnly.client.get<{ items: object[] }>(
        `${REQUESTS}/${made.id}/runs`,
      );
      expect(body.items).to.have.length(1);
      expect(body.items[0]).to.include({ action: 'Apply', attempt: 1, status: 'pending' });
    });
  });
});
