import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { expect } from 'chai';
import { stringify } from 'yaml';
import { readClassFiles } from '../../api/sync/classes/class-files.ts';
import { checkoutDirectory } from '../../dev/paths.ts';
import { buildTeam, type Team } from '../support/api/people.ts';
import { startTestApi, unique, type TestApi } from '../support/api/test-api.ts';
import { buildClass } from '../support/requests/class-objects.ts';
import { approve, REQUESTS, type Shown } from '../support/requests/requests.ts';

describe('the api without Kubernetes', () => {
  let api: TestApi;
  let team: Team;

  before(async () => {
    const folder = mkdtempSync(path.join(tmpdir(), 'quartermaster-classes-'));
    cpSync(path.join(checkoutDirectory, 'catalog', 'classes'), folder, { recursive: true });
    const unplanned = buildClass('unplanned', {
      approval: { mode: 'Manual', preview: 'Skipped' },
    });
    writeFileSync(path.join(folder, 'unplanned.yaml'), stringify(unplanned));
    const classes = readClassFiles(folder);
    rmSync(folder, { recursive: true });
    api = await startTestApi({ classes });
    team = await buildTeam(api);
  });
  after(() => api.close());

  it('offers the classes of a folder', async () => {
    const { body } = await team.developer.client.get<{ items: { name: string }[] }>(
      '/api/v1/resource-classes',
    );
    expect(body.items.map(({ name }) => name)).to.deep.equal([
      'namespace',
      'postgres',
      'unplanned',
    ]);
  });

  const make = async (class_name: string): Promise<Shown> => {
    const wanted = { project_id: team.projectId, class_name, name: unique('r').slice(0, 40) };
    const made = await team.developer.client.post<Shown>(REQUESTS, wanted);
    expect(made.status).to.equal(201);
    return made.body;
  };
  const listOrders = (id: string): Promise<{ kind: string }[]> =>
    api.deps.database.withSystem('test', (trx) =>
      trx('outbox')
        .where({ key: id, done_at: null, dead: false })
        .select<{ kind: string }[]>('kind'),
    );

  it('takes requests, keeps the order of their plan, and approves nothing that nobody has seen', async () => {
    const { id } = await make('postgres');
    const early = await approve(team.approver.client, id);
    expect(early.status).to.equal(409);
    expect(early.body).to.include({ code: 'PLAN_NOT_READY' });
    const { body } = await team.developer.client.get<Shown>(`${REQUESTS}/${id}`);
    expect(body.status).to.equal('pending');
    expect(body.conditions).to.have.length(1);
    expect(body.conditions[0]).to.include({ type: 'Ready', reason: 'Planning' });
    expect(await listOrders(id)).to.deep.equal([{ kind: 'plan' }]);
  });

  it('takes decisions, keeps the order, and says on the request what is waited for', async () => {
    const { id, conditions } = await make('unplanned');
    expect(conditions).to.deep.equal([]);
    const approved = await approve(team.approver.client, id);
    expect(approved.status).to.equal(200);
    const { body } = await team.developer.client.get<Shown>(`${REQUESTS}/${id}`);
    expect(body.status).to.equal('approved');
    expect(body.conditions).to.have.length(1);
    expect(body.conditions[0]).to.include({ type: 'Ready', reason: 'WaitingForKubernetes' });
    expect(await listOrders(id)).to.deep.equal([{ kind: 'resource-request' }]);
  });
});
