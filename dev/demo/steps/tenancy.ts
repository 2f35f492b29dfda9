import { ApiClient, object, text } from '../api-client.ts';
import { randomPassword, type Person, type Tenancy, type World } from '../world.ts';

/** What of the world these steps need; no Kubernetes. */
export type TenancyWorld = Pick<World, 'stage' | 'narrator' | 'suffix'>;

/** The administrator signs in; an organisation, a project and the people of the story come to be. */
export async function playTenancy(world: TenancyWorld): Promise<Tenancy> {
  const { narrator } = world;
  narrator.heading('People and places');
  const admin = await narrator.step('The administrator signs in', () => signInAdministrator(world));
  const organization = await narrator.step('An organisation is made', async () => {
    const name = `Acme ${world.suffix}`;
    const { body } = await admin.api.expect(201, 'POST', '/orgs', { body: { name } });
    return { id: text(body, 'id'), slug: text(body, 'slug') };
  });
  await admin.api.signIn(admin.email, admin.password, organization.id);
  const [developer, approver, stranger] = await narrator.step(
    'A developer, an approver and a stranger register',
    () =>
      Promise.all([
        register(world, 'dev'),
        register(world, 'approver'),
        register(world, 'stranger'),
      ]),
  );
  const project = await narrator.step('A project is made, and both become members', async () => {
    const made = await makeProject(admin, organization.id);
    await join(admin, organization.id, developer, 'developer');
    await join(admin, organization.id, approver, 'approver');
    await admin.api.expect(201, 'POST', `/orgs/${organization.id}/projects/${made.id}/members`, {
      body: { email: developer.email },
    });
    return made;
  });
  await makeOtherOrganization(world, stranger);
  for (const person of [developer, approver]) {
    await person.api.signIn(person.email, person.password, organization.id);
  }
  const me = await developer.api.expect(200, 'GET', '/auth/me');
  const namespace = `${organization.slug}-${project.slug}`;
  narrator.detail(
    `${developer.email} is ${text(me.body, 'role')} of ${text(object(me.body, 'organization'), 'name')}; ` +
      `the project's namespace is ${namespace}`,
  );
  return {
    admin,
    developer,
    approver,
    stranger,
    organizationId: organization.id,
    projectId: project.id,
    namespace,
  };
}

async function signInAdministrator(world: TenancyWorld): Promise<Person> {
  const { apiUrl, adminEmail, adminPassword } = world.stage;
  const api = new ApiClient(apiUrl);
  await api.signIn(adminEmail, adminPassword);
  return { email: adminEmail, password: adminPassword, api };
}

async function register(world: TenancyWorld, role: string): Promise<Person> {
  const api = new ApiClient(world.stage.apiUrl);
  const person = {
    email: `${role}-${world.suffix}@example.com`,
    password: randomPassword(),
    api,
  };
  await api.expect(201, 'POST', '/auth/register', {
    body: { email: person.email, password: person.password, name: role },
  });
  await api.signIn(person.email, person.password);
  return person;
}

async function makeProject(
  admin: Person,
  organizationId: string,
): Promise<{ id: string; slug: string }> {
  const { body } = await admin.api.expect(201, 'POST', `/orgs/${organizationId}/projects`, {
    body: { name: 'Shop' },
  });
  return { id: text(body, 'id'), slug: text(body, 'slug') };
}

async function join(
  admin: Person,
  organizationId: string,
  person: Person,
  role: string,
): Promise<void> {
  await admin.api.expect(201, 'POST', `/orgs/${organizationId}/members`, {
    body: { email: person.email, role },
  });
}

async function makeOtherOrganization(world: TenancyWorld, stranger: Person): Promise<void> {
  const { body } = await stranger.api.expect(201, 'POST', '/orgs', {
    body: { name: `Rival ${world.suffix}` },
  });
  await stranger.api.signIn(stranger.email, stranger.password, text(body, 'id'));
}
