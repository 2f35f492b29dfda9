import { expect } from 'chai';
import { approvalClaimsSchema, APPROVAL_TYPE } from '../../crds/approval.ts';
import { publicKeys } from '../../api/auth/key-set.ts';
import { verifyJws } from '../../lib/jws.ts';
import { buildTeam, type Team } from '../support/api/people.ts';
import { startTestApi, type TestApi } from '../support/api/test-api.ts';
import { expectProblem, type Answer } from '../support/api/test-client.ts';
import { buildClass, catalogueOf, ordinaryClasses } from '../support/requests/class-objects.ts';
import {
  approve,
  makeApproved,
  makeRequest,
  REQUESTS,
  type Shown,
} from '../support/requests/requests.ts';

describe('decisions about resource requests over HTTP', () => {
  const classes = ordinaryClasses();
  let api: TestApi;
  let team: Team;
  before(async () => {
    api = await startTestApi({ classes: catalogueOf(classes) });
    team = await buildTeam(api);
  });
  after(() => api.close());

  const countOf = async (table: string, where: object): Promise<number> =>
    api.deps.database.withSystem('test', async (trx) => (await trx(table).where(where)).length);

  describe('denials', () => {
    for (const role of ['readOnly'] as const) {
      it(`does not let ${role} decide`, async () => {
        const { id } = await makeRequest(team);
        expectProblem(await approve(team[role].client, id), 403, 'FORBIDDEN');
        const rejected = team[role].client.post(`${REQUESTS}/${id}/reject`, { reason: 'no' });
        expectProblem(await rejected, 403, 'FORBIDDEN');
      });
    }

    it('does not let anybody decide about their own request', async () => {
      const { id } = await makeRequest(team);
      const { client } = team.developer;
      expectProblem(await approve(client, id), 403, 'SELF_APPROVAL');
      const rejected = await client.post(`${REQUESTS}/${id}/reject`, { reason: 'no' });
      expectProblem(rejected, 403, 'SELF_APPROVAL');
    });

    it('does not let an admin approve what they changed themselves', async () => {
      const { id } = await makeRequest(team);
      await team.admin.client.patch(`${REQUESTS}/${id}`, { parameters: { text: 'mine' } });
      expectProblem(await approve(team.admin.client, id), 403, 'SELF_APPROVAL');
      expectProblem(await approve(team.developer.client, id), 403, 'SELF_APPROVAL');
      expect((await approve(team.approver.client, id)).status).to.equal(200);
    });

    it('wants to know what was seen', async () => {
      const { id } = await makeRequest(team);
      const answer = await team.approver.client.post(`${REQUESTS}/${id}/approve`, {});
      expectProblem(answer, 428, 'PRECONDITION_REQUIRED');
    });

    it('does not take any version for one that was seen', async () => {
      const { id } = await makeRequest(team);
      const headers = { 'if-match': '*' };
      const answer = team.approver.client.post(`${REQUESTS}/${id}/approve`, {}, { headers });
      expectProblem(await answer, 428, 'PRECONDITION_REQUIRED');
      expect(await countOf('outbox', { key: id })).to.equal(0);
    });

    it('refuses to approve what has changed since it was read', async () => {
      const { id } = await makeRequest(team);
      const seen = await team.approver.client.get(`${REQUESTS}/${id}`);
      await team.developer.client.patch(`${REQUESTS}/${id}`, { parameters: { text: 'other' } });
      const headers = { 'if-match': seen.headers.get('etag') ?? '' };
      const answer = team.approver.client.post(`${REQUESTS}/${id}/approve`, {}, { headers });
      expectProblem(await answer, 412, 'STALE');
    });

    it('refuses to approve parameters that the class does not take any more', async () => {
      const { id } = await makeRequest(team, { parameters: { seconds: 1 } });
      const [before] = classes;
      classes[0] = buildClass('trivial', { parameters: { type: 'object', maxProperties: 0 } });
      expectProblem(await approve(team.approver.client, id), 409, 'CONFLICT');
      classes[0] = before!;
    });

    it('wants a reason for a rejection', async () => {
      const { id } = await makeRequest(team);
      const answer = await team.approver.client.post(`${REQUESTS}/${id}/reject`, {});
      const { errors } = expectProblem(answer, 422, 'VALIDATION_FAILED');
      expect(errors?.map(({ pointer }) => pointer)).to.deep.equal(['/reason']);
    });
  });

  describe('an approval', () => {
    it('shows who decided, and what stands in Kubernetes', async () => {
      const made = await makeRequest(team);
      const { body } = await approve(team.approver.client, made.id, { comment: 'fine' });
      expect(body).to.deep.include({
        status: 'approved',
        revision: 1,
        decided_by: { id: team.approver.id, email: team.approver.email },
        decision_comment: 'fine',
        resource: { namespace: team.namespace, name: made.name },
      });
    });

    it('is signed for exactly this request', async () => {
      const { id, name } = await makeApproved(team);
      const token = await api.deps.database.withSystem('test', async (trx) =>
        trx('request_revisions').where({ request_id: id }).first<{ approval: string }>('approval'),
      );
      const keys = publicKeys(api.deps.keys.approval);
      const claims = approvalClaimsSchema.parse(
        await verifyJws(token.approval, keys, APPROVAL_TYPE),
      );
      expect(claims).to.include({ sub: team.approver.id, request: `${team.namespace}/${name}` });
      expect(claims.exp - claims.iat).to.equal(72 * 3600);
    });

    it('leaves one order for the relay, one event and one line in the audit log', async () => {
      const { id } = await makeApproved(team);
      expect(await countOf('outbox', { key: id })).to.equal(1);
      expect(await countOf('request_events', { request_id: id, type: 'approved' })).to.equal(1);
      const action = 'resource_request.approve';
      expect(await countOf('audit_log', { target_id: id, action })).to.equal(1);
    });

    it('is made once, however many people decide at the same moment', async function () {
      this.timeout(60_000);
      const { id } = await makeRequest(team);
      const seen = await team.approver.client.get(`${REQUESTS}/${id}`);
      const headers = { 'if-match': seen.headers.get('etag') ?? '' };
      const decisions = Array.from({ length: 100 }, (_, index): Promise<Answer> => {
        const { client } = index % 3 === 0 ? team.admin : team.approver;
        return index % 2 === 0
          ? client.post(`${REQUESTS}/${id}/approve`, {}, { headers })
          : client.post(`${REQUESTS}/${id}/reject`, { reason: 'no' });
      });
      const statuses = (await Promise.all(decisions)).map(({ status }) => status);
      expect(statuses.filter((status) => status === 200)).to.have.length(1);
      expect(new Set(statuses.filter((status) => status !== 200))).to.satisfy(
        (others: Set<number>) => [...others].every((status) => status === 409 || status === 412),
      );
      expect(await countOf('outbox', { key: id })).to.be.at.most(1);
    });
  });

  describe('the other transitions', () => {
    const act = (
      what: string,
      id: string,
      body?: object,
      as = team.developer,
    ): Promise<Answer<Shown>> => as.client.post<Shown>(`${REQUESTS}/${id}/${what}`, body);

    it('rejects a pending request for good', async () => {
      const { id } = await makeRequest(team);
      const { body } = await act('reject', id, { reason: 'too big' }, team.approver);
      expect(body).to.deep.include({ status: 'rejected', decision_comment: 'too big' });
      expectProblem(await approve(team.approver.client, id), 409, 'CONFLICT');
      expectProblem(await act('cancel', id), 409, 'CONFLICT');
      expectProblem(await team.developer.client.delete(`${REQUESTS}/${id}`), 409, 'CONFLICT');
    });

    it('lets the requester take a pending request back', async () => {
      const { id } = await makeRequest(team);
      const { body } = await act('cancel', id);
      expect(body.status).to.equal('cancelled');
      expectProblem(await act('cancel', id), 409, 'CONFLICT');
    });

    it('changes a pending request into another one', async () => {
      const { id } = await makeRequest(team);
      const parameters = { text: 'changed' };
      const { body } = await team.developer.client.patch<Shown>(`${REQUESTS}/${id}`, {
        parameters,
      });
      expect(body).to.deep.include({
        ...{ status: 'pending', revision: 2, pending_revision: null, parameters },
      });
    });

    it('keeps what runs while a change waits, and takes the change when it is approved', async () => {
      const { id } = await makeApproved(team);
      const { client } = team.developer;
      const parameters = { text: 'changed' };
      const changed = await client.patch<Shown>(`${REQUESTS}/${id}`, { parameters });
      expect(changed.body).to.deep.include({
        status: 'approved',
        revision: 1,
        pending_revision: 2,
      });
      expect(changed.body.parameters).to.deep.equal({ text: 'hello' });
      expect(changed.body.pending_change?.parameters).to.deep.equal(parameters);
      const { body } = await approve(team.approver.client, id);
      expect(body).to.deep.include({ revision: 2, pending_revision: null, parameters });
    });

    it('drops a change that is rejected or taken back, and numbers the next one anew', async () => {
      const { id } = await makeApproved(team);
      const change = (): Promise<Answer<Shown>> =>
        team.developer.client.patch<Shown>(`${REQUESTS}/${id}`, { parameters: {} });
      await change();
      const rejected = await act('reject', id, { reason: 'no' }, team.approver);
      expect(rejected.body).to.deep.include({ status: 'approved', pending_revision: null });
      expect((await change()).body.pending_revision).to.equal(3);
      expect((await act('cancel', id)).body.pending_revision).to.equal(null);
    });

    it('refuses a change with faulty parameters, or of a request that is over', async () => {
      const { id } = await makeRequest(team);
      const { client } = team.developer;
      const faulty = await client.patch(`${REQUESTS}/${id}`, { parameters: { size: 1 } });
      const { errors } = expectProblem(faulty, 422, 'VALIDATION_FAILED');
      expect(errors?.[0]?.pointer).to.equal('/parameters/size');
      await act('cancel', id);
      const late = await client.patch(`${REQUESTS}/${id}`, { parameters: {} });
      expectProblem(late, 409, 'CONFLICT');
    });

    it('deletes a pending request at once', async () => {
      const { id } = await makeRequest(team);
      const { status, body } = await team.developer.client.delete<Shown>(`${REQUESTS}/${id}`);
      expect(status).to.equal(202);
      expect(body.status).to.equal('deleted');
      expect(await countOf('outbox', { key: id })).to.equal(0);
    });

    it('deletes an approved request by way of the relay, and takes a second call for the first', async () => {
      const { id } = await makeApproved(team);
      const { client } = team.developer;
      expect((await client.delete<Shown>(`${REQUESTS}/${id}`)).body.status).to.equal('deleting');
      expect((await client.delete(`${REQUESTS}/${id}`)).status).to.equal(202);
      expect(await countOf('outbox', { key: id })).to.equal(2);
    });

    it('passes a retry on to the relay, with the time', async () => {
      const { id } = await makeApproved(team);
      const answer = await act('retry', id);
      expect(answer.status).to.equal(202);
      const rows = await api.deps.database.withSystem('test', async (trx) =>
        trx('outbox').where({ key: id }).orderBy('id').select<{ payload: object }[]>('payload'),
      );
      expect(rows.at(-1)?.payload).to.include.keys('reconcile_at');
      expectProblem(await act('retry', (await makeRequest(team)).id), 409, 'CONFLICT');
    });

    it('tells the history of a request', async () => {
      const { id } = await makeApproved(team);
      const { body } = await team.readOnly.client.get<{
        items: { type: string; actor: { email: string } }[];
      }>(`${REQUESTS}/${id}/events`);
      expect(body.items.map(({ type, actor }) => [type, actor.email])).to.deep.equal([
        ['approved', team.approver.email],
        ['requested', team.developer.email],
      ]);
    });

    it('tells who may where the credentials are, and writes down who asked', async () => {
      const { id } = await makeApproved(team);
      const credentials = { secret_name: 'db', namespace: team.namespace, keys: ['password'] };
      await api.deps.database.withSystem('arrange', async (trx) =>
        trx('resource_requests').where({ id }).update({ credentials }),
      );
      const path = `${REQUESTS}/${id}/credentials`;
      expectProblem(await team.readOnly.client.get(path), 403, 'FORBIDDEN');
      const { status, body } = await team.developer.client.get(path);
      expect({ status, body }).to.deep.equal({ status: 200, body: credentials });
      const action = 'resource_request.read_credentials';
      expect(await countOf('audit_log', { target_id: id, action })).to.equal(1);
    });

    it('has neither runs nor credentials before Kubernetes says so', async () => {
      const { id } = await makeApproved(team);
      const { client } = team.developer;
      const runs = await client.get(`${REQUESTS}/${id}/runs`);
      expect(runs.body).to.deep.equal({ items: [], next: null });
      expectProblem(await client.get(`${REQUESTS}/${id}/credentials`), 404, 'NOT_FOUND');
    });
  });
});
