import pg from 'pg';
import type { RoleUrls } from '../dev/postgres/bootstrap-roles.ts';

/** The choice that a list makes, as the app role under row level security. */
const list = `explain (analyze, format json) select * from resource_requests
  where organization_id = $1 order by id desc limit 51`;

interface Member {
  user_id: string;
  organization_id: string;
}

/**
 * How long PostgreSQL itself takes to choose a page among all rows, by its plan.
 *
 * @returns milliseconds, the median of nine
 */
export async function planListMs(
  urls: Pick<RoleUrls, 'appUrl'> & { superuserUrl: string },
): Promise<number> {
  const member = await findMember(urls.superuserUrl);
  const client = new pg.Client({ connectionString: urls.appUrl });
  await client.connect();
  try {
    await client.query('begin');
    const { user_id, organization_id } = member;
    await client.query('select * from begin_session($1, $2, 1)', [user_id, organization_id]);
    const times: number[] = [];
    for (let round = 0; round < 9; round += 1) {
      const { rows } = await client.query<{ 'QUERY PLAN': [{ 'Execution Time': number }] }>(list, [
        organization_id,
      ]);
      times.push(rows[0]?.['QUERY PLAN'][0]['Execution Time'] ?? Number.NaN);
    }
    return times.sort((left, right) => left - right)[4] ?? Number.NaN;
  } finally {
    await client.end();
  }
}

async function findMember(superuserUrl: string): Promise<Member> {
  const client = new pg.Client({ connectionString: superuserUrl });
  await client.connect();
  try {
    const { rows } = await client.query<Member>(
      'select user_id, organization_id from memberships order by md5(user_id::text) limit 1',
    );
    if (!rows[0]) throw new Error('the database is empty');
    return rows[0];
  } finally {
    await client.end();
  }
}
