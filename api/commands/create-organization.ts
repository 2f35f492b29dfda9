import { v7 as uuid } from 'uuid';
import type { User } from '../auth/actor.ts';
import { recordAudit } from '../db/audit.ts';
import type { Database } from '../db/database.ts';
import { isUniqueViolation } from '../db/database-error.ts';
import { ConflictError } from '../errors.ts';
import { Membership } from '../models/membership.ts';
import { Organization } from '../models/organization.ts';
import type { RequestInfo } from '../routes/route.ts';
import { chooseSlug } from './choose-slug.ts';

/**
 * Makes an organisation; who makes it becomes its admin. Runs as the system: nobody belongs to an
 * organisation that does not exist yet.
 *
 * @throws {ValidationFailedError} when the name gives no slug
 * @throws {ConflictError} when the slug is taken
 */
export async function createOrganization(
  database: Database,
  context: { user: User; request: RequestInfo },
  props: { name: string; slug?: string | undefined },
): Promise<Organization> {
  const row = { id: uuid(), name: props.name, slug: chooseSlug(props) };
  try {
    return await database.withSystem('make an organisation', async (trx) => {
      const organization = await Organization.query(trx)
        .insert(row)
        .returning(Organization.columns);
      await Membership.query(trx)
        .insert({ organization_id: row.id, user_id: context.user.id, role: 'admin' })
        .returning(Membership.columns);
      await recordAudit(trx, {
        organizationId: row.id,
        actor: context.user,
        action: 'organization.create',
        target: { type: 'organization', id: row.id },
        details: { name: row.name, slug: row.slug },
        request: context.request,
      });
      return organization;
    });
  } catch (error) {
    if (!isUniqueViolation(error, 'organizations_slug')) throw error;
    throw new ConflictError('The slug is taken; choose another.', 'SLUG_TAKEN', { cause: error });
  }
}
