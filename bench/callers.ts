import pg from 'pg';
import { AccessTokens } from '../api/auth/access-tokens.ts';
import type { KeySet } from '../api/auth/key-set.ts';
import { systemClock } from '../lib/clock.ts';

/** A developer whose calls are part of the load. */
export interface Caller {
  readonly email: string;
  readonly token: string;
  readonly projectId: string;
  /** Requests of their organisation. */
  readonly requestIds: readonly string[];
}

interface CallerRow {
  email: string;
  user_id: string;
  organization_id: string;
  project_id: string;
  request_ids: string[];
}

/** One developer each of some organisations, spread over all of them. */
const chosen = `
  select distinct on (organization_id) email, user_id, organization_id, project_id,
    array(select id::text from resource_requests
      where resource_requests.organization_id = project_members.organization_id
      order by id desc limit 100) as request_ids
  from project_members join users on users.id = user_id
  where organization_id in (select id from organizations order by md5(slug) limit $1)
  order by organization_id, user_id`;

/**
 * Chooses callers, and gives each an access token as a sign-in would.
 *
 * @param superuserUrl connection URL
 * @param keys what the api verifies with
 * @param issuer the public URL of the api
 */
export async function chooseCallers(
  superuserUrl: string,
  options: { keys: KeySet; issuer: string; count: number },
): Promise<Caller[]> {
  const tokens = new AccessTokens(options.keys, options.issuer, systemClock);
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const { rows } = await client.query<CallerRow>(chosen, [options.count]);
    return rows.map((row) => ({
      email: row.email,
      projectId: row.project_id,
      requestIds: row.request_ids,
      token: tokens.issue({
        userId: row.user_id,
        organizationId: row.organization_id,
        role: 'developer',
        tokenVersion: 1,
      }),
    }));
  } finally {
    await client.end();
  }
}

/** The callers as the scripts of wrk read them: one a line, fields parted by tabs. */
export function formatCallers(callers: readonly Caller[]): string {
  return callers
    .map((caller) =>
      [caller.email, caller.token, caller.projectId, caller.requestIds.join(',')].join('\t'),
    )
    .join('\n');
}
