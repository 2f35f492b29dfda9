import pg from 'pg';

/** How much there is in the database under load. */
export interface SeedSize {
  readonly organizations: number;
  readonly requestsEach: number;
}

/** People of every organisation: an administrator, an approver and three developers. */
const peopleEach = 5;

/**
 * Fills a migrated, empty database in a few statements of SQL, as a superuser: going through the
 * api would take half an hour, and row security is what is to be measured later.
 *
 * @param superuserUrl connection URL
 * @param passwordHash of every user, as argon2 writes it
 */
export async function seed(
  superuserUrl: string,
  size: SeedSize,
  passwordHash: string,
): Promise<void> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    await client.query(organizations, [size.organizations]);
    await client.query(users, [size.organizations, peopleEach, passwordHash]);
    await client.query(memberships);
    await client.query(projects);
    await client.query(projectMembers);
    await client.query(requests, [size.requestsEach]);
    await client.query(revisions);
    await client.query(events);
    await client.query('vacuum analyze');
  } finally {
    await client.end();
  }
}

const organizations = `
  insert into organizations (id, name, slug)
  select uuidv7(), 'Organisation ' || n, 'org-' || n from generate_series(1, $1::integer) n`;

const users = `
  insert into users (id, email, name, password_hash)
  select uuidv7(), 'person-' || n || '-' || m || '@example.com', 'Person ' || m, $3
  from generate_series(1, $1::integer) n, generate_series(1, $2::integer) m`;

const memberships = `
  insert into memberships (organization_id, user_id, role)
  select organizations.id, users.id,
    case split_part(email, '-', 3)
      when '1@example.com' then 'admin' when '2@example.com' then 'approver' else 'developer' end
  from users join organizations on slug = 'org-' || split_part(email, '-', 2)`;

const projects = `
  insert into projects (id, organization_id, name, slug, namespace)
  select uuidv7(), id, 'Shop', 'shop', slug || '-shop' from organizations`;

const projectMembers = `
  insert into project_members (organization_id, project_id, user_id)
  select projects.organization_id, projects.id, memberships.user_id
  from projects join memberships using (organization_id) where role = 'developer'`;

/** Every state that a list shows, with what the mirror writes; ids in the order of time. */
const requests = `
  insert into resource_requests (id, organization_id, project_id, class_name, name, parameters,
    reason, status, requested_by, decided_by, decided_at, decision_comment, resource_namespace,
    resource_name, conditions, outputs, credentials)
  select uuidv7(make_interval(mins => n - 100000)), projects.organization_id, projects.id,
    'trivial', 'request-' || n, jsonb_build_object('text', 'number ' || n), 'For the load test.',
    case when n % 5 = 0 then 'pending' else 'ready' end,
    developer.user_id,
    case when n % 5 = 0 then null else approver.user_id end,
    case when n % 5 = 0 then null else now() end,
    case when n % 5 = 0 then null else 'Go ahead.' end,
    case when n % 5 = 0 then null else projects.namespace end,
    case when n % 5 = 0 then null else 'request-' || n end,
    case when n % 5 = 0 then '[]'::jsonb else jsonb_build_array(
      jsonb_build_object('type', 'Ready', 'status', 'True', 'reason', 'Available',
        'message', 'The resource is there.', 'last_transition_time', now())) end,
    case when n % 5 = 0 then '{}'::jsonb else jsonb_build_object('text', 'number ' || n) end,
    case when n % 5 = 0 then null else jsonb_build_object('secret_name', 'request-' || n,
      'namespace', projects.namespace, 'keys', jsonb_build_array('id', 'password', 'text')) end
  from generate_series(1, $1::integer) n, projects
  cross join lateral (select user_id from memberships where role = 'developer'
    and organization_id = projects.organization_id limit 1) developer
  cross join lateral (select user_id from memberships where role = 'approver'
    and organization_id = projects.organization_id limit 1) approver`;

const revisions = `
  insert into request_revisions (id, organization_id, request_id, revision, class_name, parameters,
    reason, status, requested_by, decided_by, decided_at, created_at)
  select uuidv7(), organization_id, id, 1, class_name, parameters, reason,
    case status when 'pending' then 'pending' else 'approved' end,
    requested_by, decided_by, decided_at, created_at from resource_requests`;

const events = `
  insert into request_events (id, organization_id, request_id, type, actor_id)
  select uuidv7(), organization_id, id, 'requested', requested_by from resource_requests`;
