import { expect } from 'chai';
import { noClassCatalogue } from '../../api/sync/classes/class-catalogue.ts';
import { buildTeam, type Team } from '../support/api/people.ts';
import { startTestApi, type TestApi } from '../support/api/test-api.ts';
import { expectProblem } from '../support/api/test-client.ts';
import { buildClass, catalogueOf, ordinaryClasses } from '../support/requests/class-objects.ts';
import { newRequest, REQUESTS } from '../support/requests/requests.ts';

const CLASSES = '/api/v1/resource-classes';

describe('resource classes over HTTP', () => {
  let api: TestApi;
  let team: Team;
  before(async () => {
    const broken = buildClass('broken', { parameters: { type: 'nonsense' } });
    api = await startTestApi({ classes: catalogueOf([...ordinaryClasses(), broken]) });
    team = await buildTeam(api);
  });
  after(() => api.close());

  for (const path of [CLASSES, `${CLASSES}/trivial`]) {
    it(`refuses GET ${path} to who is not signed in`, async () => {
      expectProblem(await api.client.get(path), 401, 'MISSING_CREDENTIALS');
    });
  }

  it('lists what can be requested to every member, and nothing that cannot be used', async () => {
    const { body } = await team.readOnly.client.get<{ items: { name: string }[] }>(CLASSES);
    expect(body.items.map(({ name }) => name)).to.deep.equal(['scratch', 'trivial']);
  });

  it('shows the schema of the parameters, the outputs and the approval, but not the module', async () => {
    const { body } = await team.readOnly.client.get(`${CLASSES}/trivial`);
    expect(body).to.deep.include({
      name: 'trivial',
      title: 'Trivial',
      outputs: { credentials: ['id', 'text', 'password'], public: ['id', 'text'] },
      binding: { type: 'trivial', provider: 'quartermaster' },
      approval: {
        ...{ mode: 'Manual', approvers: 1, expires_after: '72h', on_delete: 'Automatic' },
      },
      price: null,
    });
    expect(body).to.have.nested.property('parameters.properties.text.maxLength', 100);
    expect(body).not.to.have.any.keys('module', 'variables', 'generated', 'runner');
  });

  it('does not know a class that is not there', async () => {
    expectProblem(await team.readOnly.client.get(`${CLASSES}/nothing`), 404, 'NOT_FOUND');
  });
});

describe('an api without Kubernetes', () => {
  let api: TestApi;
  let team: Team;
  before(async () => {
    api = await startTestApi({ classes: noClassCatalogue });
    team = await buildTeam(api);
  });
  after(() => api.close());

  it('says so where classes are needed, and serves the rest', async () => {
    const { client } = team.developer;
    expectProblem(await client.get(CLASSES), 503, 'UNAVAILABLE');
    expectProblem(await client.post(REQUESTS, newRequest(team)), 503, 'UNAVAILABLE');
    expect((await client.get(REQUESTS)).status).to.equal(200);
  });
});
