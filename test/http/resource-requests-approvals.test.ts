import { expect } from 'chai';
import { buildTeam, signInAs, registerPerson, type Team } from '../support/api/people.ts';
import { startTestApi, type TestApi } from '../support/api/test-api.ts';
import { expectProblem } from '../support/api/test-client.ts';
import { buildClass, catalogueOf } from '../support/requests/class-objects.ts';
import { approve, makeRequest, REQUESTS, type Shown } from '../support/requests/requests.ts';

interface Approvals {
  needed: number;
  given: { by: { id: string }; comment: string | null }[];
}
type ShownApprovals = Shown & { approvals: Approvals; approval_expires_at: string | null };

describe('approvals by several people, and their end', () => {
  const classes = [
    buildClass('trivial', { approval: { mode: 'Manual', preview: 'Skipped', expiresAfter: '1h' } }),
    buildClass('precious', { approval: { mode: 'Manual', preview: 'Skipped', approvers: 2 } }),
    buildClass('scratch', { approval: { mode: 'Automatic' } }),
  ];
  let now = new Date();
  let api: TestApi;
  let team: Team;
  before(async () => {
    const clock = { now: () => now };
    api = await startTestApi({ classes: catalogueOf(classes), clock });
    team = await buildTeam(api);
  });
  after(() => api.close());

  const precious = (): Promise<Shown> => makeRequest(team, { class_name: 'precious' });
  const show = async (id: string): Promise<ShownApprovals> =>
    (await team.readOnly.client.get<ShownApprovals>(`${REQUESTS}/${id}`)).body;
  const eventsOf = async (id: string): Promise<Record<string, unknown>[]> =>
    (
      await team.readOnly.client.get<{ items: Record<string, unknown>[] }>(
        `${REQUESTS}/${id}/events`,
      )
    ).body.items;
  const countOf = async (table: string, where: object): Promise<number> =>
    api.deps.database.withSystem('test', async (trx) => (await trx(table).where(where)).length);

  it('does not count the yes of one person twice', async () => {
    const { id } = await precious();
    expect((await approve(team.approver.client, id)).body.status).to.equal('pending');
    expectProblem(await approve(team.approver.client, id), 409, 'CONFLICT');
    expect((await show(id)).approvals.given).to.have.length(1);
  });

  it('never counts who asked for it, even where people may approve their own requests', async () => {
    const path = `/api/v1/orgs/${team.organizationId}`;
    const allow = (allow_self_approval: boolean): Promise<unknown> =>
      team.admin.client.patch(path, { allow_self_approval });
    const made = await team.admin.client.post<Shown>(REQUESTS, {
      ...{ project_id: team.projectId, class_name: 'precious', name: 'own' },
      parameters: {},
    });
    await allow(true);
    try {
      expectProblem(await approve(team.admin.client, made.body.id), 403, 'SELF_APPROVAL');
    } finally {
      await allow(false);
    }
  });

  it('waits for the last one, shows who agreed so far, and signs once', async () => {
    const { id } = await precious();
    const first = await approve(team.approver.client, id, { comment: 'fine by me' });
    expect(first.body).to.deep.include({
      status: 'pending',
      decided_by: null,
      approvals: {
        needed: 2,
        given: [
          {
            by: { id: team.approver.id, email: team.approver.email },
            at: now.toISOString(),
            comment: 'fine by me',
          },
        ],
      },
    });
    expect(await countOf('outbox', { key: id })).to.equal(0);
    const last = await approve(team.admin.client, id);
    expect(last.body).to.deep.include({ status: 'approved' });
    expect(last.body.decided_by?.id).to.equal(team.admin.id);
    expect((last.body as ShownApprovals).approvals.given).to.have.length(2);
    expect(await countOf('outbox', { key: id })).to.equal(1);
    const types = (await eventsOf(id)).map(({ type }) => type);
    expect(types).to.deep.equal(['approved', 'partly_approved', 'requested']);
  });

  it('begins anew with a new revision', async () => {
    const { id } = await precious();
    await approve(team.approver.client, id);
    await team.developer.client.patch(`${REQUESTS}/${id}`, { parameters: { text: 'more' } });
    expect((await show(id)).approvals).to.deep.equal({ needed: 2, given: [] });
    expect((await approve(team.approver.client, id)).body.status).to.equal('pending');
    expect((await approve(team.admin.client, id)).body.status).to.equal('approved');
  });

  it('is over with one rejection', async () => {
    const { id } = await precious();
    await approve(team.approver.client, id);
    const answer = await team.admin.client.post<Shown>(`${REQUESTS}/${id}/reject`, {
      reason: 'no',
    });
    expect(answer.body.status).to.equal('rejected');
  });

  it('counts the two of three people who decide at the same moment', async () => {
    const { id } = await precious();
    const third = await registerPerson(api, 'second-approver');
    await team.admin.client.post(`/api/v1/orgs/${team.organizationId}/members`, {
      ...{ user_id: third.id, role: 'approver' },
    });
    const clients = [
      team.approver.client,
      team.admin.client,
      await signInAs(api, third.email, team.organizationId),
    ];
    while ((await show(id)).status === 'pending') {
      await Promise.all(clients.map((client) => approve(client, id)));
    }
    expect((await show(id)).approvals.given).to.have.length(2);
    expect(await countOf('outbox', { key: id })).to.equal(1);
  });

  it('needs nobody where the class approves', async () => {
    const { id } = await makeRequest(team, { class_name: 'scratch' });
    const shown = await show(id);
    expect(shown.approvals).to.deep.equal({ needed: 0, given: [] });
    expect(shown.approval_expires_at).to.equal(null);
  });

  it('shows until when an approval starts something', async () => {
    const { id } = await makeRequest(team);
    await approve(team.approver.client, id);
    const end = Date.parse((await show(id)).approval_expires_at ?? '');
    expect(Math.abs(end - now.getTime() - 3_600_000)).to.be.below(1_001);
  });

  it('asks the approvers again when somebody tries again after the end of the approval', async () => {
    const { id } = await makeRequest(team);
    await approve(team.approver.client, id);
    const before = now;
    now = new Date(before.getTime() + 2 * 3_600_000);
    try {
      const developer = await signInAs(api, team.developer.email, team.organizationId);
      const approver = await signInAs(api, team.approver.email, team.organizationId);
      const answer = await developer.post<Shown>(`${REQUESTS}/${id}/retry`);
      expect(answer.status, JSON.stringify(answer.body)).to.equal(202);
      expect(answer.body).to.deep.include({ status: 'approved', revision: 1, pending_revision: 2 });
      const again = await approve(approver, id);
      expect(again.body).to.deep.include({ status: 'approved', revision: 2 });
    } finally {
      now = before;
    }
  });

  it('tells of every change who made it, when, and what was before and after', async () => {
    const { id } = await makeRequest(team, { parameters: { text: 'one' } });
    const { client } = team.developer;
    await client.patch(`${REQUESTS}/${id}`, { parameters: { text: 'two' } });
    await approve(team.approver.client, id);
    await client.post(`${REQUESTS}/${id}/retry`);
    await client.delete(`${REQUESTS}/${id}`);
    const events = await eventsOf(id);
    const types = ['deletion_requested', 'retried', 'approved', 'changed', 'requested'];
    expect(events.map(({ type }) => type)).to.deep.equal(types);
    for (const event of events) {
      expect(event).to.have.nested.property('actor.email');
      expect(event).to.have.property('created_at');
      expect(event['details']).to.include.keys('before', 'after');
    }
    expect(events[3]?.['details']).to.deep.include({
      before: { revision: 1, parameters: { text: 'one' } },
      after: { revision: 2, parameters: { text: 'two' } },
    });
  });
});
