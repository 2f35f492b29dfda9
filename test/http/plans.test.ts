import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { buildTeam, type Team } from '../support/api/people.ts';
import { startTestApi, type TestApi } from '../support/api/test-api.ts';
import { expectProblem, type Answer } from '../support/api/test-client.ts';
import { buildClass, catalogueOf } from '../support/requests/class-objects.ts';
import { finishPlan, planOf, waitingRevision } from '../support/requests/plans.ts';
import { approve, makeRequest, REQUESTS, type Shown } from '../support/requests/requests.ts';

type WithPlan = Shown & {
  plan: { status: string; digest: string | null; failure: { message: string } | null } | null;
  approvals: { given: unknown[] };
};
interface ShownPlan {
  status: string;
  digest: string | null;
  failure: { type: string; message: string } | null;
  changes: object | null;
  resources: { address: string; destroys: boolean; attributes: Record<string, unknown>[] }[];
  text: string | null;
  cost: object | null;
}

const cost = { monthly: 20, currency: 'EUR', resources: { database: 15, cache: 5 } };
const bounded = (autoApprove: object): object => ({
  cost,
  approval: { mode: 'Automatic', autoApprove },
});

describe('plans, as people see and approve them', () => {
  const classes = [
    buildClass('trivial', { cost, approval: { mode: 'Manual', preview: 'Required' } }),
    buildClass('plain', { approval: { mode: 'Manual', preview: 'Skipped' } }),
    buildClass('precious', { approval: { mode: 'Manual', preview: 'Required', approvers: 2 } }),
    buildClass('bounded', bounded({ maxDestroy: 1, maxMonthlyCost: 25 })),
    buildClass('careful', bounded({ maxDestroy: 0 })),
    buildClass('cheap', bounded({ maxDestroy: 1, maxMonthlyCost: 10 })),
  ];
  let api: TestApi;
  let team: Team;
  before(async () => {
    api = await startTestApi({ classes: catalogueOf(classes) });
    team = await buildTeam(api);
  });
  after(() => api.close());

  const show = async (id: string): Promise<WithPlan> =>
    (await team.readOnly.client.get<WithPlan>(`${REQUESTS}/${id}`)).body;
  const showPlan = (id: string): Promise<Answer<ShownPlan>> =>
    team.approver.client.get<ShownPlan>(`${REQUESTS}/${id}/plan`);
  const approveSeen = (id: string, tag: string, by = team.approver): Promise<Answer<WithPlan>> =>
    by.client.post<WithPlan>(`${REQUESTS}/${id}/approve`, {}, { headers: { 'if-match': tag } });
  const tagOf = async (id: string): Promise<string> =>
    (await showPlan(id)).headers.get('etag') ?? '';
  const orders = (key: string, kind = 'plan'): Promise<number> =>
    api.deps.database.withSystem('test', async (trx) => {
      const rows = await trx('outbox').where({ key, kind });
      return rows.length;
    });
  const approvalOf = (id: string): Promise<Record<string, unknown>> =>
    api.deps.database.withSystem('test', async (trx) => {
      const key = { request_id: id, status: 'approved' };
      const row = await trx('request_revisions')
        .where(key)
        .orderBy('revision', 'desc')
        .first<{ approval: string }>('approval');
      return decodeJwt(row.approval);
    });
  const eventsOf = async (id: string): Promise<string[]> => {
    const path = `${REQUESTS}/${id}/events`;
    const answer = await team.readOnly.client.get<{ items: { type: string }[] }>(path);
    return answer.body.items.map(({ type }) => type);
  };

  it('has none of a class that wants none', async () => {
    const { id } = await makeRequest(team, { class_name: 'plain' });
    expect((await show(id)).plan).to.equal(null);
    expectProblem(await showPlan(id), 404, 'NOT_FOUND');
    expect(await orders(id)).to.equal(0);
    expect((await approve(team.approver.client, id)).body.status).to.equal('approved');
  });

  it('are ordered with a request, and cannot be approved before they are there', async () => {
    const { id } = await makeRequest(team);
    expect(await orders(id)).to.equal(1);
    const planned = await showPlan(id);
    expect(planned.status).to.equal(202);
    expect(planned.body).to.deep.include({ status: 'planning', digest: null, resources: [] });
    expectProblem(await approve(team.approver.client, id), 409, 'PLAN_NOT_READY');
    expectProblem(await approveSeen(id, await tagOf(id)), 409, 'PLAN_NOT_READY');
  });

  it('that failed show the error, are approved by nobody, and are tried again on demand', async () => {
    const { id } = await makeRequest(team);
    const failure = { type: 'Configuration', message: 'Error: no such zone' };
    await finishPlan(api, id, { failure });
    expect((await showPlan(id)).body).to.deep.include({ status: 'failed', failure });
    expectProblem(await approve(team.approver.client, id), 409, 'PLAN_FAILED');
    const retried = await team.developer.client.post<WithPlan>(`${REQUESTS}/${id}/retry`);
    expect(retried.status).to.equal(202);
    expect(retried.body.plan?.status).to.equal('planning');
    expect(await orders(id)).to.equal(2);
    expect((await waitingRevision(api, id)).plan_attempt).to.equal(2);
    expect(await eventsOf(id)).to.deep.equal(['retried', 'plan_failed', 'requested']);
  });

  it('show what is destroyed first, hide what is secret or not known, and tell the cost', async () => {
    const { id } = await makeRequest(team);
    const plan = await finishPlan(api, id);
    const { status, body } = await showPlan(id);
    expect(status).to.equal(200);
    expect(body).to.deep.include({
      ...{ status: 'ready', digest: plan?.planDigest, changes: { add: 2, change: 0, destroy: 1 } },
      text: 'Plan: 2 to add, 1 to destroy.',
      cost: {
        currency: 'EUR',
        class: { before: 0, after: 20 },
        resources: { before: 5, after: 20 },
      },
    });
    expect(body.resources.map(({ address, destroys }) => [address, destroys])).to.deep.equal([
      ['module.resource.cache.old', true],
      ['module.resource.database.main', false],
    ]);
    expect(body.resources[1]?.attributes.slice(1)).to.deep.equal([
      {
        ...{ path: 'password', before: null, after: { hidden: 'sensitive' } },
        forces_replacement: false,
      },
      {
        ...{ path: 'id', before: null, after: { hidden: 'known after apply' } },
        forces_replacement: false,
      },
    ]);
    expect(await eventsOf(id)).to.deep.equal(['plan_ready', 'requested']);
  });

  it('need to have been seen: 428 without If-Match, 412 for another plan', async () => {
    const { id } = await makeRequest(team);
    await finishPlan(api, id);
    const before = await tagOf(id);
    expectProblem(
      await team.approver.client.post(`${REQUESTS}/${id}/approve`, {}),
      428,
      'PRECONDITION_REQUIRED',
    );
    await finishPlan(api, id, { planDigest: 'sha256:other' });
    expectProblem(await approveSeen(id, before), 412, 'STALE');
    expect((await show(id)).status).to.equal('pending');
  });

  for (const seen of ['plan', 'request'] as const) {
    it(`are in the signed approval of whoever has seen the ${seen}`, async () => {
      const { id } = await makeRequest(team);
      const plan = await finishPlan(api, id);
      const answer =
        seen === 'plan'
          ? await approveSeen(id, await tagOf(id))
          : await approve(team.approver.client, id);
      expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
      const claims = await approvalOf(id);
      expect(claims).to.include({ plan: plan?.planDigest, inputs: plan?.inputsDigest });
    });
  }

  it('of other inputs than those of now cannot be approved', async () => {
    const { id } = await makeRequest(team);
    await finishPlan(api, id, { inputsDigest: 'sha256:of-an-earlier-class' });
    expectProblem(await approveSeen(id, await tagOf(id)), 409, 'PLAN_OUTDATED');
  });

  it('are made anew when a request changes, and the change is what is approved', async () => {
    const { id } = await makeRequest(team);
    await finishPlan(api, id);
    const before = await tagOf(id);
    const changed = await team.developer.client.patch<WithPlan>(`${REQUESTS}/${id}`, {
      parameters: { text: 'other' },
    });
    expect(changed.body.plan).to.deep.include({ status: 'planning', digest: null });
    expectProblem(await approveSeen(id, before), 412, 'STALE');
    const plan = await finishPlan(api, id);
    expect((await approveSeen(id, await tagOf(id))).status).to.equal(200);
    expect((await approvalOf(id))['plan']).to.equal(plan?.planDigest);
  });

  it('start the count of approvers again: everybody agrees to the same one', async () => {
    const { id } = await makeRequest(team, { class_name: 'precious' });
    await finishPlan(api, id);
    expect((await approveSeen(id, await tagOf(id))).body.approvals.given).to.have.length(1);
    await finishPlan(api, id, { planDigest: 'sha256:newer' });
    expect((await show(id)).approvals.given).to.deep.equal([]);
    await approveSeen(id, await tagOf(id), team.admin);
    expect((await show(id)).status).to.equal('pending');
    expect((await approveSeen(id, await tagOf(id))).body.status).to.equal('approved');
    expect((await approvalOf(id))['plan']).to.equal('sha256:newer');
  });

  it('inside the bounds of a class are approved by the platform, and the audit says so', async () => {
    const { id } = await makeRequest(team, { class_name: 'bounded' });
    expect((await show(id)).status).to.equal('pending');
    const plan = await finishPlan(api, id);
    expect(await show(id)).to.deep.include({ status: 'approved', decided_by: null });
    expect(await approvalOf(id)).to.include({ sub: 'platform', plan: plan?.planDigest });
    const log = await team.admin.client.get<{ items: Record<string, unknown>[] }>(
      '/api/v1/audit-logs?action=resource_request.approve',
    );
    const entry = log.body.items.find(({ details }) => (details as { by?: string }).by);
    expect(entry).to.deep.include({ action: 'resource_request.approve' });
    expect(entry?.['actor'], JSON.stringify(entry)).to.not.have.property('id', team.approver.id);
    expect(await orders(id, 'resource-request')).to.equal(1);
  });

  for (const [name, why] of [
    ['careful', 'destroys too much'],
    ['cheap', 'costs too much'],
  ] as const) {
    it(`outside the bounds wait for a person, as one that ${why}`, async () => {
      const { id } = await makeRequest(team, { class_name: name });
      await finishPlan(api, id);
      expect(await show(id)).to.deep.include({ status: 'pending' });
      expect((await approveSeen(id, await tagOf(id))).body.status).to.equal('approved');
    });
  }

  it('that are cut short are outside every bound of cost', async () => {
    const { id } = await makeRequest(team, { class_name: 'bounded' });
    await finishPlan(api, id, { resourcesOmitted: 1 });
    expect((await show(id)).status).to.equal('pending');
  });

  it('of other inputs are not approved by the platform either', async () => {
    const { id } = await makeRequest(team, { class_name: 'bounded' });
    const { planDigest } = await planOf(api, id);
    await finishPlan(api, id, { planDigest, inputsDigest: 'sha256:0' });
    expect((await show(id)).status).to.equal('pending');
  });
});
