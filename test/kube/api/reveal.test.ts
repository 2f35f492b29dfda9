import { expect } from 'chai';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import { RESOURCE_REQUESTS } from '../../../crds/resource-types.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { buildTeam, type Team } from '../../support/api/people.ts';
import { expectProblem, type Answer, type TestClient } from '../../support/api/test-client.ts';
import { openClient } from '../../support/database/as-app.ts';
import { eventually } from '../../support/eventually.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';
import { stateReady } from '../../support/requests/operator-stand-in.ts';
import { makeApproved, REQUESTS, type Shown } from '../../support/requests/requests.ts';
import { startSyncedApi, type SyncedApi } from '../../support/requests/synced-api.ts';

const SECRET_VALUE = 'planted-secret-of-the-reveal';

describe('revealing credentials', function () {
  this.timeout(90_000);
  const cluster = useTestCluster();
  let api: SyncedApi;
  let team: Team;
  let made: Shown;
  let path: string;
  before(async () => {
    api = await startSyncedApi(cluster);
    team = await buildTeam(api);
    made = await makeReady({ isOwn: true });
    path = `${REQUESTS}/${made.id}/credentials`;
  });
  after(() => api.close());

  /** A request that is ready, with its Secret, of which it may not be the owner. */
  const makeReady = async ({ isOwn }: { isOwn: boolean }): Promise<Shown> => {
    const approved = await makeApproved(team);
    const resource = await eventually(async () => {
      const found = await api.kube.get<ResourceRequest>(RESOURCE_REQUESTS, approved.resource!);
      if (!found) throw new Error('no resource yet');
      return found;
    });
    const { name, uid } = resource.metadata;
    const owner = { apiVersion: resource.apiVersion, kind: resource.kind, name, uid };
    await api.kube.create(RESOURCE_TYPES.secrets, {
      ...{ apiVersion: 'v1', kind: 'Secret', type: 'Opaque' },
      metadata: { name, namespace: team.namespace, ownerReferences: isOwn ? [owner] : [] },
      data: { password: Buffer.from(SECRET_VALUE).toString('base64') },
    } as never);
    const available = { status: 'True', reason: 'Available', message: 'it is there' } as const;
    await stateReady(api.kube, resource, available, { binding: { name } });
    await eventually(async () => {
      const { body } = await team.developer.client.get<Shown>(`${REQUESTS}/${approved.id}`);
      expect(body.credentials).not.to.equal(null);
    });
    return approved;
  };
  const grant = async (at = path, client = team.developer.client): Promise<string> => {
    const { status, body } = await client.post<{ grant: string }>(`${at}/grants`);
    expect(status, JSON.stringify(body)).to.equal(201);
    return body.grant;
  };
  const reveal = (
    token: string,
    client: TestClient = team.developer.client,
    at = path,
  ): Promise<Answer> => client.post(`${at}/reveal`, { grant: token });
  const audited = (action: string, outcome: string): Promise<number> =>
    api.deps.database.withSystem('test', async (trx) => {
      const rows = await trx('audit_log').where({ target_id: made.id, action, outcome });
      return rows.length;
    });

  for (const role of ['readOnly', 'approver'] as const) {
    it(`is not for ${role}, and the refusal is written down`, async () => {
      const before = await audited('credential.reveal', 'denied');
      expectProblem(await team[role].client.post(`${path}/grants`), 403, 'FORBIDDEN');
      expectProblem(await reveal('qmg_x', team[role].client), 403, 'FORBIDDEN');
      expect(await audited('credential.reveal', 'denied')).to.equal(before + 1);
    });
  }

  it('is not for somebody else’s grant, nor for that of another request', async () => {
    const token = await grant();
    expectProblem(await reveal(token, team.admin.client), 403, 'GRANT_INVALID');
    const other = await makeReady({ isOwn: true });
    const elsewhere = `${REQUESTS}/${other.id}/credentials`;
    expectProblem(await reveal(token, team.developer.client, elsewhere), 403, 'GRANT_INVALID');
    expect((await reveal(token)).status).to.equal(200);
  });

  it('is not for a grant that is over', async () => {
    const token = await grant();
    const root = await openClient(api.database.superuserUrl);
    await root.query(`update credential_grants set expires_at = now() where used_at is null`);
    await root.end();
    expectProblem(await reveal(token), 403, 'GRANT_INVALID');
  });

  it('shows nothing of a Secret that was not made for the request, and keeps the grant', async () => {
    const other = await makeReady({ isOwn: false });
    const elsewhere = `${REQUESTS}/${other.id}/credentials`;
    const token = await grant(elsewhere);
    for (const again of [1, 2]) {
      const answer = await reveal(token, team.developer.client, elsewhere);
      expectProblem(answer, 409, 'CONFLICT');
      expect(JSON.stringify(answer.body), String(again)).not.to.contain(SECRET_VALUE);
    }
  });

  it('shows the values once, kept nowhere, and writes it down', async () => {
    const before = await audited('resource_request.reveal_credentials', 'success');
    const token = await grant();
    const answer = await reveal(token);
    expect(answer.status).to.equal(200);
    expect(answer.body).to.deep.equal({ values: { password: SECRET_VALUE } });
    expect(answer.headers.get('cache-control')).to.equal('no-store');
    expectProblem(await reveal(token), 403, 'GRANT_INVALID');
    expect(await audited('resource_request.reveal_credentials', 'success')).to.equal(before + 1);
  });

  it('gives one success to a thousand calls with one grant', async () => {
    const token = await grant();
    const statuses: number[] = [];
    // As many at once as a listening socket takes.
    const callers = Array.from({ length: 200 }, async () => {
      for (let call = 0; call < 5; call += 1) statuses.push((await reveal(token)).status);
    });
    await Promise.all(callers);
    expect(statuses.filter((status) => status === 200)).to.have.length(1);
    expect(statuses.filter((status) => status === 403)).to.have.length(999);
  });

  it('leaves neither value nor grant in log, audit log or database', async () => {
    const token = await grant();
    await reveal(token);
    expect(JSON.stringify(api.logged)).not.to.contain(SECRET_VALUE).and.not.to.contain(token);
    const kept = await api.deps.database.withSystem('test', async (trx) => [
      await trx('audit_log').where({ target_id: made.id }),
      await trx('resource_requests').where({ id: made.id }),
      await trx('request_events').where({ request_id: made.id }),
    ]);
    expect(JSON.stringify(kept)).not.to.contain(SECRET_VALUE).and.not.to.contain(token);
  });
});
