import { expect } from 'chai';
import type { Role } from '../../../api/policies/roles.ts';
import { unique, type TestApi } from './test-api.ts';
import type { TestClient } from './test-client.ts';

/** The password of everybody in tests. */
export const PASSWORD = 'correct horse battery';

/** Somebody with an account, signed in. */
export interface Person {
  id: string;
  email: string;
  client: TestClient;
}

/** An organisation with somebody in every role, and a project. */
export interface Team {
  organizationId: string;
  organizationSlug: string;
  projectId: string;
  namespace: string;
  admin: Person;
  approver: Person;
  developer: Person;
  readOnly: Person;
}

/** Makes an account and signs in. */
export async function registerPerson(api: TestApi, name = 'person'): Promise<Person> {
  const email = `${unique(name)}@example.com`;
  const answer = await api.client.post<{ id: string }>('/api/v1/auth/register', {
    email,
    password: PASSWORD,
  });
  expect(answer.status).to.equal(201);
  return { id: answer.body.id, email, client: await signInAs(api, email) };
}

/** Signs in again, for an organisation if one is named. */
export async function signInAs(
  api: TestApi,
  email: string,
  organizationId?: string,
): Promise<TestClient> {
  const answer = await api.client.post<{ access_token: string }>('/api/v1/auth/login', {
    email,
    password: PASSWORD,
    ...(organizationId === undefined ? {} : { organization_id: organizationId }),
  });
  expect(answer.status, JSON.stringify(answer.body)).to.equal(200);
  return api.client.withToken(answer.body.access_token);
}

/** Makes an organisation with somebody in every role; the developer is in its project. */
export async function buildTeam(api: TestApi): Promise<Team> {
  const founder = await registerPerson(api, 'admin');
  const slug = unique('org');
  const made = await founder.client.post<{ id: string }>('/api/v1/orgs', { name: 'Org', slug });
  expect(made.status).to.equal(201);
  const organizationId = made.body.id;
  const admin = { ...founder, client: await signInAs(api, founder.email, organizationId) };
  const join = (role: Role): Promise<Person> => addPerson(api, { organizationId, admin, role });
  const developer = await join('developer');
  const project = await admin.client.post<{ id: string; namespace: string }>(
    `/api/v1/orgs/${organizationId}/projects`,
    { name: 'Shop' },
  );
  expect(project.status, JSON.stringify(project.body)).to.equal(201);
  const projectPath = `/api/v1/orgs/${organizationId}/projects/${project.body.id}`;
  const added = await admin.client.post(`${projectPath}/members`, { user_id: developer.id });
  expect(added.status).to.equal(201);
  return {
    ...{ organizationId, organizationSlug: slug, admin, developer },
    projectId: project.body.id,
    namespace: project.body.namespace,
    approver: await join('approver'),
    readOnly: await join('read_only'),
  };
}

async function addPerson(
  api: TestApi,
  into: { organizationId: string; admin: Person; role: Role },
): Promise<Person> {
  const person = await registerPerson(api, into.role.replace('_', ''));
  const path = `/api/v1/orgs/${into.organizationId}/members`;
  const added = await into.admin.client.post(path, { user_id: person.id, role: into.role });
  expect(added.status, JSON.stringify(added.body)).to.equal(201);
  return { ...person, client: await signInAs(api, person.email, into.organizationId) };
}
