import { expect } from 'chai';
import { allRoutes } from '../../api/routes/index.ts';
import { fullPath } from '../../api/routes/mount-routes.ts';
import type { Route } from '../../api/routes/route.ts';
import {
  MEMBERS,
  newMember,
  type AccessRow,
  type AccessWorld,
  type PathParameters,
} from '../support/access/access-row.ts';
import { ACCESS_TABLE, PUBLIC, SIGNED_IN } from '../support/access/access-table.ts';
import { buildTeam, type Person } from '../support/api/people.ts';
import { startTestApi, type TestApi } from '../support/api/test-api.ts';
import { expectProblem, type Answer, type TestClient } from '../support/api/test-client.ts';
import { catalogueOf, ordinaryClasses } from '../support/requests/class-objects.ts';

/*
 * Every route of the api × who calls it. A new route needs a row in access-table.ts: in ACCESS_TABLE
 * who may call it (and how to make the thing that its path names, and a good body), or its name in
 * SIGNED_IN or PUBLIC. Without one, the first test here fails.
 */
describe('who may call which route', () => {
  let api: TestApi;
  let world: AccessWorld;
  let stranger: Person;
  let routes: ReadonlyMap<string, Route>;
  before(async function start() {
    this.timeout(60_000);
    api = await startTestApi({ classes: catalogueOf(ordinaryClasses()) });
    const team = await buildTeam(api);
    const { admin, approver, developer, readOnly } = team;
    const people = { admin, approver, developer, readOnly, otherTeam: developer };
    world = { api, team, people };
    people.otherTeam = await newMember(world);
    stranger = (await buildTeam(api)).admin;
    routes = new Map(allRoutes(api.deps).map((route) => [nameOf(route), route]));
  });
  after(() => api.close());

  it('is said in the table for every route, and for no other', () => {
    const listed = [...Object.keys(ACCESS_TABLE), ...SIGNED_IN, ...PUBLIC];
    expect([...routes.keys()].sort()).to.deep.equal(listed.sort());
    for (const [name, { access }] of routes) {
      const isListed =
        access === 'member'
          ? name in ACCESS_TABLE
          : (access === 'public' ? PUBLIC : SIGNED_IN).includes(name);
      expect(isListed, `${name} is for ${access}`).to.equal(true);
    }
  });

  for (const name of SIGNED_IN) {
    it(`${name} is refused without credentials`, async () => {
      const answer = await call(api.client, { name, parameters: { id: 'x' } });
      expectProblem(answer, 401, 'MISSING_CREDENTIALS');
    });
  }

  for (const name of PUBLIC) {
    it(`${name} asks for no credentials`, async () => {
      const answer = await call(api.client, { name, parameters: { file: 'x' } });
      expect(answer.body).not.to.include({ code: 'MISSING_CREDENTIALS' });
    });
  }

  for (const [name, row] of Object.entries(ACCESS_TABLE)) {
    it(`${name} is refused without credentials, to other organisations, and to who may not`, async () => {
      const parameters = (await row.make?.(world)) ?? {};
      const attempt = { name, row, parameters };
      expectProblem(await call(api.client, attempt), 401, 'MISSING_CREDENTIALS');
      await refuseStranger(attempt);
      for (const member of MEMBERS.filter((one) => !row.who.includes(one))) {
        const answer = await call(world.people[member].client, attempt);
        const code = member === 'developer' ? row.toRequester : undefined;
        expectProblem(answer, 403, code ?? 'FORBIDDEN');
      }
    });

    it(`${name} is served to ${row.who.join(', ')}`, async () => {
      for (const member of row.who) {
        const parameters = (await row.make?.(world)) ?? {};
        const answer = await call(world.people[member].client, { name, row, parameters });
        const isServed = answer.status < 300 || row.orElse?.includes(answer.status) === true;
        expect(isServed, `${member}: ${answer.status} ${JSON.stringify(answer.body)}`).to.equal(
          true,
        );
        if (answer.status === 403) expect(answer.body).not.to.include({ code: 'FORBIDDEN' });
      }
    });
  }

  interface Attempt {
    name: string;
    row?: AccessRow;
    parameters: PathParameters;
    headers?: Record<string, string>;
  }

  /** The admin of another organisation: by its own name, and by the name of this one. */
  const refuseStranger = async (attempt: Attempt): Promise<void> => {
    const { client } = stranger;
    if (routes.get(attempt.name)?.organizationParameter !== undefined) {
      expectProblem(await call(client, attempt), 404, 'NOT_FOUND');
      return;
    }
    const headers = { 'org-id': world.team.organizationId };
    expectProblem(await call(client, { ...attempt, headers }), 403, 'NOT_A_MEMBER');
    // Only what belongs to an organisation has an id.
    if ('id' in attempt.parameters) {
      expectProblem(await call(client, attempt), 404, 'NOT_FOUND');
    }
  };

  const call = (client: TestClient, attempt: Attempt): Promise<Answer> => {
    const { name, row, parameters, headers = {} } = attempt;
    const route = routes.get(name);
    if (!route) throw new Error(`there is no route ${name}`);
    const path = fullPath(route).replace(
      /\{(\w+)\}/g,
      (_, parameter: string) => parameters[parameter] ?? '',
    );
    const body = row?.body?.(world);
    const sending = body === undefined ? { headers } : { headers, body };
    return client.send(route.method.toUpperCase(), `${path}${row?.query ?? ''}`, sending);
  };
});

function nameOf(route: Route): string {
  return `${route.method.toUpperCase()} ${route.path}`;
}
