import { expect } from 'chai';
import { buildTeam, type Team } from '../support/api/people.ts';
import { startTestApi, unique, type TestApi } from '../support/api/test-api.ts';
import { expectProblem } from '../support/api/test-client.ts';
import { catalogueOf, ordinaryClasses } from '../support/requests/class-objects.ts';
import {
  makeApproved,
  makeRequest,
  newRequest,
  REQUESTS,
  type Shown,
} from '../support/requests/requests.ts';

describe('resource requests over HTTP', () => {
  let api: TestApi;
  let team: Team;
  let stranger: Team;
  before(async () => {
    api = await startTestApi({ classes: catalogueOf(ordinaryClasses()) });
    team = await buildTeam(api);
    stranger = await buildTeam(api);
  });
  after(() => api.close());

  describe('denials', () => {
    let made: Shown;
    before(async () => {
      made = await makeRequest(team);
    });

    const calls: [string, string, object?][] = [
      ['GET', ''],
      ['POST', '', {}],
      ['GET', '/{id}'],
      ['PATCH', '/{id}', { parameters: {} }],
      ['DELETE', '/{id}'],
      ['POST', '/{id}/approve', {}],
      ['POST', '/{id}/reject', { reason: 'no' }],
      ['POST', '/{id}/cancel'],
      ['POST', '/{id}/retry'],
      ['GET', '/{id}/events'],
      ['GET', '/{id}/runs'],
      ['GET', '/{id}/credentials'],
    ];
    for (const [method, path, body] of calls) {
      it(`refuses ${method} ${path} to who is not signed in`, async () => {
        const url = REQUESTS + path.replace('{id}', made.id);
        const answer = await api.client.send(method, url, body ? { body } : {});
        expectProblem(answer, 401, 'MISSING_CREDENTIALS');
      });
    }
    for (const [method, path, body] of calls.slice(2)) {
      it(`answers ${method} ${path} of another organisation with 404`, async () => {
        const url = REQUESTS + path.replace('{id}', made.id);
        for (const { client } of [stranger.admin, stranger.developer]) {
          const answer = await client.send(method, url, body ? { body } : {});
          expectProblem(answer, 404, 'NOT_FOUND');
        }
      });
    }

    it('shows nothing of another organisation in a list', async () => {
      const answer = await stranger.admin.client.get<{ items: Shown[] }>(REQUESTS);
      expect(answer.body.items).to.deep.equal([]);
    });

    for (const role of ['approver', 'readOnly'] as const) {
      for (const [method, path, body] of [
        ['PATCH', '', { parameters: {} }],
        ['DELETE', ''],
        ['POST', '/cancel'],
        ['POST', '/retry'],
        ['GET', '/credentials'],
      ] as const) {
        it(`does not let ${role} ${method} ${path || 'the request'}`, async () => {
          const url = `${REQUESTS}/${made.id}${path}`;
          const answer = await team[role].client.send(method, url, body ? { body } : {});
          expectProblem(answer, 403, 'FORBIDDEN');
        });
      }

      it(`does not let ${role} make a request`, async () => {
        const answer = await team[role].client.post(REQUESTS, newRequest(team));
        expectProblem(answer, 403, 'FORBIDDEN');
      });
    }

    it('does not let a developer make a request in a project of others', async () => {
      const path = `/api/v1/orgs/${team.organizationId}/projects`;
      const other = await team.admin.client.post(path, { name: unique('Other') });
      const body = newRequest(team, { project_id: other.body['id'] });
      expectProblem(await team.developer.client.post(REQUESTS, body), 403, 'FORBIDDEN');
      expect((await team.admin.client.post(REQUESTS, body)).status).to.equal(201);
    });

    it('does not know the project of another organisation', async () => {
      const body = newRequest(team, { project_id: stranger.projectId });
      expectProblem(await team.developer.client.post(REQUESTS, body), 404, 'NOT_FOUND');
    });

    it('writes a denial to the audit log', async () => {
      await team.readOnly.client.delete(`${REQUESTS}/${made.id}`);
      const { body } = await team.admin.client.get<{ items: { actor: { id: string } }[] }>(
        `/api/v1/audit-logs?outcome=denied&target_id=${made.id}`,
      );
      expect(body.items.map((item) => item.actor.id)).to.include(team.readOnly.id);
    });
  });

  describe('making a request', () => {
    it('names every faulty parameter by its pointer', async () => {
      const parameters = { text: 'x'.repeat(101), seconds: 'many', size: 3 };
      const body = newRequest(team, { parameters });
      const answer = await team.developer.client.post(REQUESTS, body);
      const { errors } = expectProblem(answer, 422, 'VALIDATION_FAILED');
      expect(errors?.map(({ pointer }) => pointer)).to.have.members([
        '/parameters/text',
        '/parameters/seconds',
        '/parameters/size',
      ]);
    });

    for (const [what, changes, pointer] of [
      ['an unknown class', { class_name: 'nothing' }, '/class_name'],
      ['a name that is no DNS label', { name: 'No Label' }, '/name'],
      ['a name of more than 40 characters', { name: 'a'.repeat(41) }, '/name'],
      ['an unknown field', { status: 'approved' }, '/status'],
      ['parameters that are no object', { parameters: [] }, '/parameters'],
    ] as const) {
      it(`refuses ${what}`, async () => {
        const answer = await team.developer.client.post(REQUESTS, newRequest(team, changes));
        const { errors } = expectProblem(answer, 422, 'VALIDATION_FAILED');
        expect(errors?.map((error) => error.pointer)).to.deep.equal([pointer]);
      });
    }

    it('gives a pending request, with who asked and where to find it', async () => {
      const body = newRequest(team, { reason: 'for the shop' });
      const answer = await team.developer.client.post<Shown>(REQUESTS, body);
      expect(answer.status).to.equal(201);
      expect(answer.headers.get('location')).to.equal(`${REQUESTS}/${answer.body.id}`);
      expect(answer.body).to.deep.include({
        status: 'pending',
        revision: 1,
        pending_revision: null,
        requested_by: { id: team.developer.id, email: team.developer.email },
        decided_by: null,
        resource: null,
        credentials: null,
        failure: null,
        ...body,
      });
      const shown = await team.readOnly.client.get(`${REQUESTS}/${answer.body.id}`);
      expect(shown.body).to.deep.equal(answer.body);
      expect(shown.headers.get('etag')).to.equal(answer.headers.get('etag'));
    });

    it('approves at once where the class says so', async () => {
      const made = await makeRequest(team, { class_name: 'scratch' });
      expect(made).to.deep.include({ status: 'approved', decided_by: null });
      expect(made.resource).to.deep.equal({ namespace: team.namespace, name: made.name });
    });

    it('refuses the name of a live request, and takes it again when that is over', async () => {
      const made = await makeRequest(team);
      const body = newRequest(team, { name: made.name });
      expectProblem(await team.developer.client.post(REQUESTS, body), 409, 'NAME_TAKEN');
      await team.developer.client.post(`${REQUESTS}/${made.id}/cancel`);
      expect((await team.developer.client.post(REQUESTS, body)).status).to.equal(201);
    });
  });

  describe('the list', () => {
    it('is filtered by status, class, project and whose', async () => {
      const own = await buildTeam(api);
      const pending = await makeRequest(own);
      const approved = await makeApproved(own);
      const automatic = await makeRequest(own, { class_name: 'scratch' });
      const list = async (query: string, as = own.developer): Promise<string[]> => {
        const { body } = await as.client.get<{ items: Shown[] }>(`${REQUESTS}?${query}`);
        return body.items.map(({ id }) => id);
      };
      expect(await list('')).to.deep.equal([automatic.id, approved.id, pending.id]);
      expect(await list('status=pending')).to.deep.equal([pending.id]);
      expect(await list('class_name=scratch')).to.deep.equal([automatic.id]);
      expect(await list(`project_id=${own.projectId}&status=approved`)).to.have.length(2);
      expect(await list('mine=true')).to.have.length(3);
      expect(await list('mine=true', own.admin)).to.deep.equal([]);
    });

    it('goes on where the cursor says, whatever was made meanwhile', async () => {
      const own = await buildTeam(api);
      const made = [await makeRequest(own), await makeRequest(own), await makeRequest(own)];
      const first = await own.developer.client.get<{ items: Shown[]; next: string }>(
        `${REQUESTS}?limit=2`,
      );
      await makeRequest(own);
      const second = await own.developer.client.get<{ items: Shown[]; next: null }>(
        `${REQUESTS}?limit=2&cursor=${first.body.next}`,
      );
      const ids = [...first.body.items, ...second.body.items].map(({ id }) => id);
      expect(ids).to.deep.equal(made.map(({ id }) => id).reverse());
      expect(second.body.next).to.equal(null);
    });
  });
});
