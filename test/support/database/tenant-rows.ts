import { createHash } from 'node:crypto';
import type pg from 'pg';
import { v7 as uuid } from 'uuid';

/** A row as it is inserted. */
export type Row = Record<string, string | number | null>;

/** What the rows of a tenant hang on. */
export interface Tenant {
  organizationId: string;
  userId: string;
  projectId: string;
  requestId: string;
}

/** Makes ids for a tenant; nothing is inserted. */
export function newTenant(): Tenant {
  return { organizationId: uuid(), userId: uuid(), projectId: uuid(), requestId: uuid() };
}

/** A label that is unique, for slugs and names. */
function label(): string {
  return `n${uuid().slice(-12)}`;
}

/** Builds a fresh row of each tenant table, one that all constraints allow. */
export const buildRow: Record<string, (tenant: Tenant) => Row> = {
  memberships: ({ organizationId, userId }) => ({
    organization_id: organizationId,
    user_id: userId,
    role: 'developer',
  }),
  projects: ({ organizationId }) => ({
    id: uuid(),
    organization_id: organizationId,
    name: 'Project',
    slug: label(),
    namespace: label(),
  }),
  teams: ({ organizationId }) => ({
    id: uuid(),
    organization_id: organizationId,
    name: label(),
  }),
  team_members: ({ organizationId, projectId, userId }) => ({
    organization_id: organizationId,
    team_id: projectId,
    user_id: userId,
  }),
  role_policies: ({ organizationId }) => ({
    organization_id: organizationId,
    role: 'developer',
    permissions: '[]',
  }),
  quotas: ({ organizationId, projectId }) => ({
    id: uuid(),
    organization_id: organizationId,
    project_id: projectId,
  }),
  usage_records: ({ organizationId, projectId, requestId }) => ({
    organization_id: organizationId,
    request_id: requestId,
    hour: '2026-01-01T00:00:00Z',
    project_id: projectId,
    class_name: 'postgres',
    seconds: 60,
  }),
  project_members: ({ organizationId, projectId, userId }) => ({
    organization_id: organizationId,
    project_id: projectId,
    user_id: userId,
  }),
  resource_requests: ({ organizationId, projectId }) => ({
    id: uuid(),
    organization_id: organizationId,
    project_id: projectId,
    class_name: 'postgres',
    name: label(),
  }),
  request_revisions: ({ organizationId, requestId }) => ({
    id: uuid(),
    organization_id: organizationId,
    request_id: requestId,
    revision: Math.ceil(Math.random() * 1e9),
    class_name: 'postgres',
    parameters: '{}',
  }),
  request_events: ({ organizationId, requestId }) => ({
    id: uuid(),
    organization_id: organizationId,
    request_id: requestId,
    type: 'created',
  }),
  runs: ({ organizationId, requestId }) => ({
    id: uuid(),
    organization_id: organizationId,
    request_id: requestId,
    name: label(),
    uid: uuid(),
    action: 'Apply',
    attempt: 1,
    status: 'pending',
  }),
  api_keys: ({ organizationId, userId }) => ({
    id: uuid(),
    organization_id: organizationId,
    name: label(),
    role: 'read_only',
    prefix: 'qmk_12345678',
    key_hash: createHash('sha256').update(uuid()).digest('hex'),
    created_by: userId,
    expires_at: '2999-01-01T00:00:00Z',
  }),
  idempotency_keys: ({ organizationId, userId }) => ({
    organization_id: organizationId,
    principal_id: userId,
    route: 'post /somewhere',
    key: label(),
    fingerprint: '0'.repeat(64),
    status: 201,
    headers: '{}',
    expires_at: '2999-01-01T00:00:00Z',
  }),
  invitations: ({ organizationId, userId }) => ({
    id: uuid(),
    organization_id: organizationId,
    email: `${label()}@example.com`,
    role: 'developer',
    invited_by: userId,
    expires_at: '2999-01-01T00:00:00Z',
  }),
  credential_grants: ({ organizationId, requestId, userId }) => ({
    id: uuid(),
    organization_id: organizationId,
    request_id: requestId,
    principal_id: userId,
    token_hash: createHash('sha256').update(uuid()).digest('hex'),
    expires_at: '2999-01-01T00:00:00Z',
  }),
  webhooks: ({ organizationId }) => ({
    id: uuid(),
    organization_id: organizationId,
    url: 'https://example.com/hook',
    events: '{request.ready}',
    sealed_secret: '{}',
  }),
  notification_deliveries: ({ organizationId }) => ({
    id: uuid(),
    organization_id: organizationId,
    channel: 'email',
    recipient: 'somebody@example.com',
    type: 'request.ready',
    payload: '{}',
  }),
  outbox: ({ organizationId }) => ({
    id: uuid(),
    organization_id: organizationId,
    kind: 'namespace',
    key: label(),
  }),
  audit_log: ({ organizationId }) => ({
    id: uuid(),
    organization_id: organizationId,
    actor_kind: 'system',
    action: 'test',
    target_type: 'test',
    target_id: '1',
  }),
};

/** Inserts a row. */
export async function insertRow(client: pg.Client, table: string, row: Row): Promise<void> {
  const columns = Object.keys(row);
  const places = columns.map((_, index) => `$${index + 1}`);
  await client.query(
    `insert into ${table} (${columns.join(', ')}) values (${places.join(', ')})`,
    Object.values(row),
  );
}

/**
 * Inserts a tenant with one row in each table, as somebody whom no policy stops.
 *
 * @returns the tenant; a second user of it without a membership is in `users` as well
 */
export async function insertTenant(client: pg.Client): Promise<Tenant & { outsiderId: string }> {
  const tenant = newTenant();
  const outsiderId = uuid();
  const { organizationId, userId, projectId, requestId } = tenant;
  for (const id of [userId, outsiderId]) {
    await insertRow(client, 'users', { id, email: `${label()}@example.com` });
  }
  await insertRow(client, 'organizations', { id: organizationId, name: 'Org', slug: label() });
  const fixedIds: Record<string, Row> = {
    projects: { id: projectId },
    // One team, which shares its id with the project.
    teams: { id: projectId },
    resource_requests: { id: requestId },
  };
  for (const [table, build] of Object.entries(buildRow)) {
    await insertRow(client, table, { ...build(tenant), ...fixedIds[table] });
  }
  return { ...tenant, outsiderId };
}
