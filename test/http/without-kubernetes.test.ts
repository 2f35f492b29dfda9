import path from 'node:path';
import { expect } from 'chai';
import { readClassFiles } from '../../api/sync/classes/class-files.ts';
import { checkoutDirectory } from '../../dev/paths.ts';
import { buildTeam, type Team } from '../support/api/people.ts';
import { startTestApi, type TestApi } from '../support/api/test-api.ts';
import { approve, REQUESTS, type Shown } from '../support/requests/requests.ts';

describe('the api without Kubernetes', () => {
  let api: TestApi;
  let team: Team;

  before(async () => {
    const classes = readClassFiles(path.join(checkoutDirectory, 'catalog', 'classes'));
    api = await startTestApi({ classes });
    team = await buildTeam(api);
  });
  after(() => api.close());

  it('offers the classes of a folder', async () => {
    const { body } = await team.developer.client.get<{ items: { name: string }[] }>(
      '/api/v1/resource-classes',
    );
    expect(body.items.map(({ name }) => name)).to.deep.equal(['namespace', 'postgres']);
  });

  it('takes requests and decisions, keeps the order, and says on the request what is waited for', async () => {
    const made = await team.developer.client.post<Shown>(REQUESTS, {
      ...{ project_id: team.projectId, class_name: 'postgres', name: 'orders' },
    });
    expect(made.status).to.equal(201);
    expect(made.body.conditions).to.deep.equal([]);
    const approved = await approve(team.approver.client, made.body.id);
    expect(approved.status).to.equal(200);
    const { body } = await team.developer.client.get<Shown>(`${REQUESTS}/${made.body.id}`);
    expect(body.status).to.equal('approved');
    expect(body.conditions).to.have.length(1);
    expect(body.conditions[0]).to.include({ type: 'Ready', reason: 'WaitingForKubernetes' });
    const open = await api.deps.database.withSystem('test', (trx) =>
      trx('outbox').where({ key: made.body.id, done_at: null, dead: false }).pluck('kind'),
    );
    expect(open).to.deep.equal(['resource-request']);
  });
});
