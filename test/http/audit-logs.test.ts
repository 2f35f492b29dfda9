import { expect } from 'chai';
import { buildTeam, type Team } from '../support/api/people.ts';
import { startTestApi, type TestApi } from '../support/api/test-api.ts';
import { expectProblem, type Answer } from '../support/api/test-client.ts';
import { catalogueOf, ordinaryClasses } from '../support/requests/class-objects.ts';
import { makeApproved } from '../support/requests/requests.ts';

const LOGS = '/api/v1/audit-logs';

interface Line {
  action: string;
  actor: { id: string; name: string };
  target: { id: string };
  outcome: string;
}

describe('the audit log over HTTP', () => {
  let api: TestApi;
  let team: Team;
  before(async () => {
    api = await startTestApi({ classes: catalogueOf(ordinaryClasses()) });
    team = await buildTeam(api);
  });
  after(() => api.close());

  it('refuses who is not signed in', async () => {
    expectProblem(await api.client.get(LOGS), 401, 'MISSING_CREDENTIALS');
  });

  for (const role of ['approver', 'developer', 'readOnly'] as const) {
    it(`refuses ${role}`, async () => {
      expectProblem(await team[role].client.get(LOGS), 403, 'FORBIDDEN');
    });
  }

  it('shows the admin who did what, newest first, and filters by action', async () => {
    const { id } = await makeApproved(team);
    const { body } = await team.admin.client.get<{ items: Line[] }>(`${LOGS}?target_id=${id}`);
    expect(body.items.map(({ action, actor }) => [action, actor.name])).to.deep.equal([
      ['resource_request.approve', team.approver.email],
      ['resource_request.create', team.developer.email],
    ]);
    const filtered = await team.admin.client.get<{ items: Line[] }>(
      `${LOGS}?action=resource_request.approve&target_id=${id}`,
    );
    expect(filtered.body.items).to.have.length(1);
  });

  it('shows nothing of another organisation', async () => {
    const { id } = await makeApproved(team);
    const stranger = await buildTeam(api);
    const { body } = await stranger.admin.client.get<{ items: Line[] }>(LOGS);
    expect(body.items.map(({ target }) => target.id)).not.to.include(id);
    expect(body.items).not.to.be.empty;
  });

  it('is exported line by line, page by page, and filtered by time', async () => {
    const own = await buildTeam(api);
    const { client } = own.admin;
    const seen: Line[] = [];
    let path: string | undefined = `${LOGS}/export?limit=2&action=member.add`;
    for (let page = 0; path !== undefined && page < 10; page += 1) {
      const answer: Answer<string> = await client.get<string>(path);
      expect(answer.headers.get('content-type')).to.match(/^application\/jsonl/);
      seen.push(
        ...answer.body
          .split('\n')
          .filter(Boolean)
          .map((line) => JSON.parse(line) as Line),
      );
      path = /<(.*)>; rel="next"/.exec(answer.headers.get('link') ?? '')?.[1];
    }
    const { body } = await client.get<{ items: Line[] }>(`${LOGS}?action=member.add`);
    expect(seen).to.deep.equal(body.items);
    expect(seen).to.have.length(3);
    const later = await client.get<string>(`${LOGS}/export?from=2999-01-01T00:00:00Z`);
    expect(later.body).to.equal('');
    expectProblem(await own.developer.client.get(`${LOGS}/export`), 403, 'FORBIDDEN');
  });
});
