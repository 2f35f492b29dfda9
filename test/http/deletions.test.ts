import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { decodeJwt } from 'jose';
import { fanOut } from '../../api/notifications/fan-out.ts';
import { deletionDigest } from '../../crds/approval.ts';
import { buildTeam, type Team } from '../support/api/people.ts';
import { startTestApi, type TestApi } from '../support/api/test-api.ts';
import { expectProblem, type Answer } from '../support/api/test-client.ts';
import { buildClass, catalogueOf } from '../support/requests/class-objects.ts';
import { finishPlan } from '../support/requests/plans.ts';
import {
  approve,
  makeApproved,
  makeRequest,
  REQUESTS,
  type Shown,
} from '../support/requests/requests.ts';

type WithPlan = Shown & {
  plan: { status: string; digest: string | null } | null;
  approvals: { needed: number; given: unknown[] };
};

const skipped = { mode: 'Manual', preview: 'Skipped' };

describe('deletions that need an approval, over HTTP', () => {
  const gone = buildClass('gone', { approval: { ...skipped, onDelete: 'Manual' } });
  const classes = [
    buildClass('trivial', {
      cost: { monthly: 20, currency: 'EUR' },
      approval: { mode: 'Automatic', onDelete: 'Manual' },
    }),
    buildClass('plain', { approval: { ...skipped, onDelete: 'Manual', expiresAfter: '1h' } }),
    buildClass('precious', { approval: { ...skipped, onDelete: 'Manual', approvers: 2 } }),
    buildClass('bounded', {
      approval: { mode: 'Automatic', onDelete: 'Manual', autoApprove: { maxDestroy: 9 } },
    }),
    buildClass('kept', {
      deletionPolicy: 'Retain',
      approval: { mode: 'Automatic', onDelete: 'Manual' },
    }),
    buildClass('loose', { approval: { mode: 'Automatic' } }),
    gone,
  ];
  let api: TestApi;
  let team: Team;
  before(async () => {
    api = await startTestApi({ classes: catalogueOf(classes) });
    team = await buildTeam(api);
  });
  after(() => api.close());

  /** A request that has a resource, as relay and mirror leave it. */
  const makeStanding = async (class_name = 'trivial', status = 'ready'): Promise<Shown> => {
    const { id } = await makeRequest(team, { class_name });
    await change(id, { status, revision: 1, resource_uid: randomUUID() });
    await api.deps.database.withSystem('test', async (trx) => {
      const { organization_id, name } = await trx('resource_requests')
        .where({ id })
        .first<{ organization_id: string; name: string }>();
      await trx('resource_requests')
        .where({ id })
        .update({ resource_namespace: team.namespace, resource_name: name });
      await trx('request_revisions')
        .where({ organization_id, request_id: id })
        .update({ status: 'approved' });
    });
    return show(id);
  };
  const change = (id: string, columns: object): Promise<unknown> =>
    api.deps.database.withSystem('test', (trx) =>
      trx('resource_requests').where({ id }).update(columns),
    );
  const show = async (id: string): Promise<WithPlan> =>
    (await team.readOnly.client.get<WithPlan>(`${REQUESTS}/${id}`)).body;
  const remove = (id: string, by = team.developer): Promise<Answer<WithPlan>> =>
    by.client.delete<WithPlan>(`${REQUESTS}/${id}`);
  const act = (id: string, action: string, body = {}, by = team.developer) =>
    by.client.post<WithPlan>(`${REQUESTS}/${id}/${action}`, body);
  const outboxOf = (key: string, kind: string): Promise<number> =>
    api.deps.database.withSystem('test', async (trx) => {
      const rows = await trx('outbox').where({ key, kind });
      return rows.length;
    });
  const eventsOf = async (id: string): Promise<string[]> => {
    const path = `${REQUESTS}/${id}/events`;
    const { body } = await team.readOnly.client.get<{ items: { type: string }[] }>(path);
    return body.items.map(({ type }) => type);
  };
  const claimsOf = (id: string): Promise<Record<string, unknown>> =>
    api.deps.database.withSystem('test', async (trx) => {
      const row = await trx('request_revisions')
        .where({ request_id: id, status: 'approved', deletes: true })
        .orderBy('revision', 'desc')
        .first<{ approval: string }>('approval');
      return decodeJwt(row.approval);
    });
  const digestFor = async (id: string): Promise<string> =>
    api.deps.database.withSystem('test', async (trx) => {
      const row = await trx('resource_requests')
        .where({ id })
        .first<{ resource_uid: string; name: string }>();
      return deletionDigest({ namespace: team.namespace, name: row.name, uid: row.resource_uid });
    });

  for (const status of ['approved', 'provisioning', 'ready', 'failed']) {
    it(`wait while the request stays ${status}, and shows what waits`, async () => {
      const { id } = await makeStanding('trivial', status);
      const answer = await remove(id);
      expect(answer.status).to.equal(202);
      expect(answer.body).to.deep.include({ status, revision: 1, pending_revision: 2 });
      expect(answer.body.pending_change).to.deep.include({ deletes: true });
      expect(answer.body.plan).to.deep.include({ status: 'planning' });
      expect(await outboxOf(id, 'plan')).to.equal(1);
      expect((await eventsOf(id))[0]).to.equal('deletion_requested');
    });
  }

  it('are filed once, however often they are asked for', async () => {
    const { id } = await makeStanding();
    await remove(id);
    const again = await remove(id);
    expect(again.status).to.equal(202);
    expect(again.body.pending_revision).to.equal(2);
    expect(await outboxOf(id, 'plan')).to.equal(1);
  });

  for (const [class_name, why] of [
    ['loose', 'its class asks nobody'],
    ['kept', 'what was made stays'],
  ] as const) {
    it(`need nobody where ${why}`, async () => {
      const { id } = await makeStanding(class_name);
      expect((await remove(id)).body.status).to.equal('deleting');
    });
  }

  it('need nobody where nothing is in the cluster', async () => {
    const waiting = await makeRequest(team, { class_name: 'plain' });
    expect((await remove(waiting.id)).body.status).to.equal('deleted');
    const approved = await makeApproved(team, { class_name: 'plain' });
    expect((await remove(approved.id)).body.status).to.equal('deleting');
  });

  it('of a class that is gone are left to the operator, which asks', async () => {
    const { id } = await makeStanding('gone');
    classes.splice(classes.indexOf(gone), 1);
    try {
      expect((await remove(id)).body.status).to.equal('deleting');
    } finally {
      classes.push(gone);
    }
  });

  it('are approved by nobody before there is a plan, and by nobody who has not seen it', async () => {
    const { id } = await makeStanding();
    await remove(id);
    expectProblem(await approve(team.approver.client, id), 409, 'PLAN_NOT_READY');
    await finishPlan(api, id, { failure: { type: 'Transient', message: 'no' } });
    expectProblem(await approve(team.approver.client, id), 409, 'PLAN_FAILED');
    expect((await act(id, 'retry')).body.plan?.status).to.equal('planning');
    await finishPlan(api, id);
    const blind = await team.approver.client.post(`${REQUESTS}/${id}/approve`, {});
    expectProblem(blind, 428, 'PRECONDITION_REQUIRED');
    const { headers } = await team.approver.client.get(`${REQUESTS}/${id}/plan`);
    await finishPlan(api, id, { planDigest: 'sha256:newer' });
    const stale = { headers: { 'if-match': headers.get('etag') ?? '' } };
    expectProblem(
      await team.approver.client.post(`${REQUESTS}/${id}/approve`, {}, stale),
      412,
      'STALE',
    );
    expect((await show(id)).status).to.equal('ready');
  });

  it('are not approved by a plan of the apply', async () => {
    const { id } = await makeStanding();
    await remove(id);
    await finishPlan(api, id, { inputsDigest: 'sha256:of-an-apply' });
    expectProblem(await approve(team.approver.client, id), 409, 'PLAN_OUTDATED');
  });

  it('are not decided by who asked for them, or for the resource', async () => {
    const { id } = await makeStanding('plain');
    await remove(id, team.admin);
    for (const by of [team.admin, team.developer]) {
      expectProblem(await approve(by.client, id), 403, 'SELF_APPROVAL');
      expectProblem(await act(id, 'reject', { reason: 'no' }, by), 403, 'SELF_APPROVAL');
    }
    expectProblem(await approve(team.readOnly.client, id), 403, 'FORBIDDEN');
  });

  it('go out with a signed approval of the plan that was seen', async () => {
    const { id } = await makeStanding();
    await remove(id);
    const plan = await finishPlan(api, id);
    const shown = await team.approver.client.get<{ cost: object }>(`${REQUESTS}/${id}/plan`);
    expect(shown.body.cost).to.deep.include({ class: { before: 20, after: 0 } });
    const orders = await outboxOf(id, 'resource-request');
    const answer = await approve(team.approver.client, id, { comment: 'let it go' });
    expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
    expect(answer.body).to.deep.include({
      ...{ status: 'deleting', revision: 2, pending_revision: null },
      decision_comment: 'let it go',
    });
    expect(await claimsOf(id)).to.include({
      ...{ plan: plan?.planDigest, inputs: await digestFor(id), sub: team.approver.id },
    });
    expect(await outboxOf(id, 'resource-request')).to.equal(orders + 1);
  });

  it('without a plan, where the class skips it, name the very resource', async () => {
    const { id } = await makeStanding('plain');
    expect((await remove(id)).body.plan).to.equal(null);
    expect(await outboxOf(id, 'plan')).to.equal(0);
    expect((await approve(team.approver.client, id)).body.status).to.equal('deleting');
    const claims = await claimsOf(id);
    expect(claims).to.include({ inputs: await digestFor(id) });
    expect(claims).not.to.have.property('plan');
    expect(Number(claims['exp']) - Number(claims['iat'])).to.equal(3600);
  });

  it('take as many people as the class says, none of them twice', async () => {
    const { id } = await makeStanding('precious');
    await remove(id);
    const first = await approve(team.approver.client, id);
    expect(first.body).to.deep.include({ status: 'ready', pending_revision: 2 });
    expectProblem(await approve(team.approver.client, id), 409, 'CONFLICT');
    const second = await approve(team.admin.client, id);
    expect(second.body).to.deep.include({ status: 'deleting' });
  });

  it('are never approved by the bounds of a class: what destroys everything, people decide', async () => {
    const { id } = await makeStanding('bounded');
    await remove(id);
    await finishPlan(api, id, { changes: { add: 0, change: 0, destroy: 1 } });
    expect(await show(id)).to.deep.include({ status: 'ready', pending_revision: 2 });
  });

  it('that are rejected leave the request as it is, and can be asked for again', async () => {
    const { id } = await makeStanding('plain');
    await remove(id);
    const rejected = await act(id, 'reject', { reason: 'still in use' }, team.approver);
    expect(rejected.body).to.deep.include({ status: 'ready', revision: 1, pending_revision: null });
    expect(await outboxOf(id, 'resource-request')).to.equal(0);
    expect((await remove(id)).body.pending_revision).to.equal(3);
  });

  it('can be taken back', async () => {
    const { id } = await makeStanding('plain');
    await remove(id);
    const { body } = await act(id, 'cancel');
    expect(body).to.deep.include({ status: 'ready', pending_revision: null });
  });

  it('are superseded by a change, and supersede one', async () => {
    const { id } = await makeStanding('plain');
    const ask = () =>
      team.developer.client.patch<WithPlan>(`${REQUESTS}/${id}`, { parameters: { text: 'new' } });
    await ask();
    expect((await remove(id)).body.pending_change).to.deep.include({ deletes: true });
    const { body } = await ask();
    expect(body).to.deep.include({ status: 'ready', pending_revision: 4 });
    expect(body.pending_change).to.deep.include({ deletes: false, parameters: { text: 'new' } });
  });

  it('of what Kubernetes deletes already wait too, and cannot be taken back', async () => {
    const { id } = await makeStanding('plain');
    await remove(id);
    await change(id, { status: 'deleting' });
    expectProblem(await act(id, 'cancel'), 409, 'CONFLICT');
    const rejected = await act(id, 'reject', { reason: 'keep it' }, team.approver);
    expect(rejected.body).to.deep.include({ status: 'deleting', pending_revision: null });
    expectProblem(await approve(team.approver.client, id), 409, 'CONFLICT');
    const retried = await act(id, 'retry');
    expect(retried.status).to.equal(202);
    expect(retried.body).to.deep.include({ status: 'deleting', pending_revision: 3 });
    expect((await approve(team.approver.client, id)).body).to.deep.include({
      ...{ status: 'deleting', revision: 3, pending_revision: null },
    });
  });

  it('are told to who decides, and stand in the audit log', async () => {
    const { id } = await makeStanding('plain');
    while ((await fanOut(api.deps.database, false)) > 0);
    const hook = await team.admin.client.post<{ id: string }>('/api/v1/webhooks', {
      ...{ url: 'https://example.com/hook', events: ['request.needs_approval'] },
    });
    expect(hook.status, JSON.stringify(hook.body)).to.equal(201);
    await remove(id);
    while ((await fanOut(api.deps.database, false)) > 0);
    const told = await api.deps.database.withSystem('test', (trx) =>
      trx('notification_deliveries').where({ webhook_id: hook.body.id }).pluck<string[]>('type'),
    );
    expect(told).to.deep.equal(['request.needs_approval']);
    const log = await team.admin.client.get<{ items: { target: { id: string } }[] }>(
      '/api/v1/audit-logs?action=resource_request.delete',
    );
    expect(log.body.items.map(({ target }) => target.id)).to.include(id);
  });
});
