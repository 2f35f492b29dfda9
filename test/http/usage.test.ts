import { expect } from 'chai';
import type pg from 'pg';
import { v7 as uuid } from 'uuid';
import { meterUsage } from '../../api/commands/meter-usage.ts';
import { Database } from '../../api/db/database.ts';
import { buildTeam, type Team } from '../support/api/people.ts';
import { startTestApi, type TestApi } from '../support/api/test-api.ts';
import { expectProblem } from '../support/api/test-client.ts';
import { openClient } from '../support/database/as-app.ts';

/** An hour of the first is one euro; the second is free. */
const OFFERED = [
  { name: 'postgres', cost: { monthly: 730, currency: 'EUR' } },
  { name: 'namespace', cost: undefined },
];
/** Two whole days, long over: nothing changes in them any more. */
const FROM = '2026-03-01T00:00:00Z';
const TO = '2026-03-03T00:00:00Z';

interface Sum {
  period: string;
  project_id: string;
  class_name: string;
  currency: string | null;
  seconds: number;
  cost: string;
}
interface Usage {
  items: Sum[];
  totals: Omit<Sum, 'period' | 'project_id' | 'class_name'>[];
}

describe('usage over HTTP', function () {
  this.timeout(60_000);
  let api: TestApi;
  let root: pg.Client;
  let team: Team;
  let other: Team;
  let secondProject: string;
  before(async () => {
    api = await startTestApi();
    root = await openClient(api.database.superuserUrl);
    [team, other] = [await buildTeam(api), await buildTeam(api)];
    const path = `/api/v1/orgs/${team.organizationId}/projects`;
    const made = await team.admin.client.post<{ id: string }>(path, { name: 'Second' });
    secondProject = made.body.id;
    await root.query(
      `insert into class_prices (class_name, valid_from, monthly, currency)
       values ('postgres', '2026-01-01', 730, 'EUR'), ('namespace', '2026-01-01', null, null)`,
    );
    await addResource(team, 'postgres', '2026-03-01T22:30:00Z', '2026-03-02T01:00:00Z');
    await addResource(team, 'namespace', '2026-03-01T10:00:00Z', '2026-03-01T11:00:00Z');
    const elsewhere = { ...team, projectId: secondProject };
    await addResource(elsewhere, 'postgres', '2026-03-02T00:00:00Z', '2026-03-02T02:00:00Z');
    await addResource(other, 'postgres', '2026-03-01T00:00:00Z', '2026-03-01T05:00:00Z');
    await meterUsage(api.deps.database, OFFERED);
  });
  after(async () => {
    await root.end();
    await api.close();
  });

  /** A request whose resource was there for this time. */
  async function addResource(of: Team, name: string, from: string, to: string): Promise<void> {
    const id = uuid();
    await root.query(
      `insert into resource_requests (id, organization_id, project_id, class_name, name, status)
       values ($1, $2, $3, $4, $5, 'deleted')`,
      [id, of.organizationId, of.projectId, name, `r${id.slice(-12)}`],
    );
    for (const [type, at] of Object.entries({ ready: from, deleted: to })) {
      await root.query(
        `insert into request_events (id, organization_id, request_id, type, created_at)
         values ($1, $2, $3, $4, $5)`,
        [uuid(), of.organizationId, id, type, at],
      );
    }
  }

  async function ask(query = '', of: Team = team): Promise<Usage> {
    const path = `/api/v1/usage?from=${FROM}&to=${TO}${query}`;
    const answer = await of.admin.client.get<Usage>(path);
    expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
    return answer.body;
  }
  const rowsOf = ({ items }: Usage): unknown[] =>
    items.map(({ period, project_id, class_name, seconds, cost }) => [
      ...[period.slice(0, 13), project_id === secondProject ? 'second' : 'shop', class_name],
      ...[seconds, Number(cost)],
    ]);

  for (const role of ['approver', 'developer', 'readOnly'] as const) {
    it(`is not shown to ${role}`, async () => {
      const path = `/api/v1/usage?from=${FROM}&to=${TO}`;
      expectProblem(await team[role].client.get(path), 403, 'FORBIDDEN');
    });
  }

  for (const [what, query] of Object.entries({
    'an end before its beginning': `from=${TO}&to=${FROM}`,
    'hours of more than a month': `from=2026-01-01T00:00:00Z&to=${TO}&period=hour`,
    'a period that there is not': `from=${FROM}&to=${TO}&period=week`,
    'no time at all': '',
  })) {
    it(`is refused for ${what}`, async () => {
      const answer = await team.admin.client.get(`/api/v1/usage?${query}`);
      expectProblem(answer, 422, 'VALIDATION_FAILED');
    });
  }

  it('shows an organisation nothing of another, whatever project it names', async () => {
    expect((await ask('', other)).items.map(({ seconds }) => seconds)).to.deep.equal([18_000]);
    const foreign = await ask(`&project_id=${team.projectId}`, other);
    expect(foreign).to.deep.include({ items: [], totals: [] });
  });

  it('is summed up by day, project and class', async () => {
    const rows = rowsOf(await ask());
    expect(rows).to.have.deep.members([
      ['2026-03-01T00', 'shop', 'namespace', 3_600, 0],
      ['2026-03-01T00', 'shop', 'postgres', 5_400, 1.5],
      ['2026-03-02T00', 'shop', 'postgres', 3_600, 1],
      ['2026-03-02T00', 'second', 'postgres', 7_200, 2],
    ]);
  });

  it('is summed up by hour, and by month', async () => {
    const hours = rowsOf(
      await ask(`&period=hour&project_id=${team.projectId}&class_name=postgres`),
    );
    expect(hours).to.deep.equal([
      ['2026-03-01T22', 'shop', 'postgres', 1_800, 0.5],
      ['2026-03-01T23', 'shop', 'postgres', 3_600, 1],
      ['2026-03-02T00', 'shop', 'postgres', 3_600, 1],
    ]);
    const months = rowsOf(await ask('&period=month&class_name=postgres'));
    expect(months).to.have.deep.members([
      ['2026-03-01T00', 'shop', 'postgres', 9_000, 2.5],
      ['2026-03-01T00', 'second', 'postgres', 7_200, 2],
    ]);
  });

  it('has a total for each currency, and for what has no price', async () => {
    const { totals } = await ask();
    expect(
      totals.map(({ currency, seconds, cost }) => [currency, seconds, cost]),
    ).to.have.deep.members([
      ['EUR', 16_200, '4.50000000'],
      [null, 3_600, '0.00000000'],
    ]);
    const one = await ask(`&project_id=${secondProject}`);
    expect(one.totals).to.deep.equal([{ currency: 'EUR', seconds: 7_200, cost: '2.00000000' }]);
  });

  it('counts an hour on one side of the end only', async () => {
    const split = await Promise.all(
      [`from=${FROM}&to=2026-03-02T00:00:00Z`, `from=2026-03-02T00:00:00Z&to=${TO}`].map((span) =>
        team.admin.client.get<Usage>(`/api/v1/usage?${span}&class_name=postgres`),
      ),
    );
    const seconds = split.map(({ body }) => body.totals[0]?.seconds);
    expect(seconds).to.deep.equal([5_400, 10_800]);
  });

  it('is the same after a restart, and after two replicas have metered at once', async () => {
    const before = await ask();
    const started = new Database({
      ...{ appUrl: api.database.appUrl, systemUrl: api.database.systemUrl },
      ...{ maxConnections: 2, log: api.deps.log },
    });
    await Promise.all([meterUsage(started, OFFERED), meterUsage(api.deps.database, OFFERED)]);
    await meterUsage(started, []);
    await started.close();
    expect(await ask()).to.deep.equal(before);
  });

  for (const [what, until] of Object.entries({
    'ran ahead': `now() + interval '3 days'`,
    'was set back': `timestamptz '2026-03-01T23:10:00Z'`,
  })) {
    it(`is the same after a clock that ${what}`, async () => {
      const before = await ask();
      await root.query(`update usage_meter set metered_until = ${until}`);
      await meterUsage(api.deps.database, OFFERED);
      await meterUsage(api.deps.database, OFFERED);
      expect(await ask()).to.deep.equal(before);
    });
  }
});
