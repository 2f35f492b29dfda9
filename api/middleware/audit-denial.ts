import { toError } from '../../lib/errors.ts';
import type { Actor } from '../auth/actor.ts';
import { recordAudit } from '../db/audit.ts';
import type { Database } from '../db/database.ts';
import type { ForbiddenError } from '../errors.ts';
import type { RequestInfo, RouteDocument } from '../routes/route.ts';

/** A call that was refused because of who made it. */
export interface Denial {
  route: Pick<RouteDocument, 'method' | 'path'>;
  params: Record<string, string>;
  actor: Actor;
  request: RequestInfo;
  error: ForbiddenError;
}

const VERBS = {
  get: 'read',
  post: 'create',
  put: 'update',
  patch: 'update',
  delete: 'delete',
} as const;

/**
 * Writes a denial to the audit log, in a transaction of its own: that of the call was rolled back.
 * Never rejects, since the caller gets the refusal in any case.
 */
export async function auditDenial(database: Database, denial: Denial): Promise<void> {
  const { actor, request, error } = denial;
  const { organizationId } = actor.membership;
  const { type, verb, parameter } = describeTarget(denial.route);
  try {
    await database.withSystem('audit of a denial', (trx) =>
      recordAudit(trx, {
        ...{ organizationId, actor: actor.user, request, outcome: 'denied' },
        action: `${type}.${verb}`,
        target: { type, id: denial.params[parameter ?? ''] ?? organizationId },
        details: { code: error.code, role: actor.membership.role },
      }),
    );
  } catch (failure) {
    request.log.error('a denial could not be written to the audit log', {
      error: toError(failure),
    });
  }
}

/**
 * What a route is about, read off its path: `POST /resource-requests/{id}/approve` is
 * `resource_request`, `approve`; `POST /orgs/{org_id}/projects` is `project`, `create`.
 */
export function describeTarget(route: Denial['route']): {
  type: string;
  verb: string;
  /** The path parameter with the id of the thing, or of what it is in. */
  parameter: string | undefined;
} {
  const segments = route.path.split('/').filter((segment) => segment !== '');
  const parameter = segments.findLast(isParameter)?.slice(1, -1);
  const words = segments.filter((segment) => !isParameter(segment));
  const last = segments.at(-1) ?? '';
  // A last word in the singular is what is done; in the plural it is what it is done to.
  const isVerb = !isParameter(last) && !last.endsWith('s') && words.length > 1;
  const collection = (isVerb ? words.at(-2) : words.at(-1)) ?? '';
  const type = collection.replace(/s$/, '').replaceAll('-', '_');
  return { type, verb: isVerb ? last : VERBS[route.method], parameter };
}

function isParameter(segment: string): boolean {
  return segment.startsWith('{');
}
