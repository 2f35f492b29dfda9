import { expect } from 'chai';
import { registerPerson, signInAs, type Person, type Team } from '../api/people.ts';
import { unique, type TestApi } from '../api/test-api.ts';
import { newRequest, REQUESTS } from '../requests/requests.ts';

/** Members of an organisation, as the table tells them apart. */
export const MEMBERS = ['admin', 'approver', 'developer', 'otherTeam', 'readOnly'] as const;

/** One of them; `otherTeam` is a developer who is not in the project. */
export type MemberName = (typeof MEMBERS)[number];

/** An organisation with everybody in it. */
export interface AccessWorld {
  api: TestApi;
  team: Team;
  people: Record<MemberName, Person>;
}

/** The path parameters of a route. */
export type PathParameters = Record<string, string>;

/** What a row says of a route within an organisation. */
export interface AccessRow {
  /** Who may; everybody else gets 403. */
  who: readonly MemberName[];
  /** Makes the thing that the path names; before each call that is let through, so it may go. */
  make?: (world: AccessWorld) => Promise<PathParameters>;
  /** A good body: faults in it would be told before the refusal. */
  body?: (world: AccessWorld) => object;
  query?: string;
  /** What the developer hears instead of FORBIDDEN, who asked for what the path names. */
  toRequester?: string;
  /** Refusals for reasons of state, which only those get who may: status codes. */
  orElse?: readonly number[];
}

export const EVERYBODY: readonly MemberName[] = MEMBERS;
export const ADMIN: readonly MemberName[] = ['admin'];
/** Who works in the project. */
export const PROJECT: readonly MemberName[] = ['admin', 'developer'];
export const DECIDERS: readonly MemberName[] = ['admin', 'approver'];

/** The organisation, under the name that the path has for it. */
export function organization(name: string): NonNullable<AccessRow['make']> {
  return ({ team }) => Promise.resolve({ [name]: team.organizationId });
}

/** Makes something by a call of the admin, and names it by its id. */
export function made(
  path: (world: AccessWorld) => string,
  body: (world: AccessWorld) => object,
): NonNullable<AccessRow['make']> {
  return async (world) => {
    const answer = await world.people.admin.client.post<{ id: string }>(path(world), body(world));
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
    return { id: answer.body.id };
  };
}

/** A request of the developer that waits. */
export async function pendingRequest({ team, people }: AccessWorld): Promise<PathParameters> {
  const { client } = people.developer;
  const answer = await client.post<{ id: string }>(REQUESTS, newRequest(team));
  expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
  return { id: answer.body.id, run: 'none' };
}

/** A new member, so that nobody of the others is changed. */
export async function newMember({ api, team, people }: AccessWorld): Promise<Person> {
  const person = await registerPerson(api);
  const path = `/api/v1/orgs/${team.organizationId}/members`;
  const body = { user_id: person.id, role: 'developer' };
  expect((await people.admin.client.post(path, body)).status).to.equal(201);
  return { ...person, client: await signInAs(api, person.email, team.organizationId) };
}

/** A name for something new. */
export function newName(): { name: string } {
  return { name: unique('thing') };
}
