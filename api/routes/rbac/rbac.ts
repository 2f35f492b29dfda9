import { z } from 'zod';
import { replaceRolePolicy } from '../../commands/replace-role-policy.ts';
import { RolePolicy } from '../../models/role-policy.ts';
import { authorize } from '../../policies/authorize.ts';
import { canRolePolicy, permissionsSchema } from '../../policies/role-policy.ts';
import { ROLES } from '../../policies/roles.ts';
import { presentRolePolicy, rolePolicySchema } from '../../presenters/present-role-policy.ts';
import { etagOf, requireFresh } from '../etag.ts';
import { memberRoute, type Route } from '../route.ts';

const TAG = 'Roles';
const oneRole = z.strictObject({ role: z.enum(ROLES) });

/** `GET /rbac/policies` */
const listPolicies = memberRoute({
  method: 'get',
  path: '/rbac/policies',
  summary: 'List what each role may do in the organisation',
  tag: TAG,
  responses: { 200: z.object({ items: z.array(rolePolicySchema), next: z.null() }) },
  handle: async ({ actor, trx }) => {
    const { organizationId } = actor.membership;
    authorize(canRolePolicy, actor, 'read', { organization_id: organizationId });
    const policies = await RolePolicy.query(trx).where({ organization_id: organizationId });
    const items = ROLES.map((role) =>
      presentRolePolicy(
        role,
        policies.find((policy) => policy.role === role),
      ),
    );
    return { status: 200, body: { items, next: null } };
  },
});

/** `GET /rbac/policies/{role}` */
const showPolicy = memberRoute({
  method: 'get',
  path: '/rbac/policies/{role}',
  summary: 'Show what a role may do in the organisation',
  tag: TAG,
  params: oneRole,
  responses: { 200: rolePolicySchema },
  handle: async ({ actor, trx, input }) => {
    const { role } = input.params;
    const key = { organization_id: actor.membership.organizationId, role };
    authorize(canRolePolicy, actor, 'read', key);
    const body = presentRolePolicy(role, await RolePolicy.query(trx).findOne(key));
    return { status: 200, body, headers: { ETag: etagOf(body) } };
  },
});

/** `PUT /rbac/policies/{role}` */
const putPolicy = memberRoute({
  method: 'put',
  path: '/rbac/policies/{role}',
  summary: 'Say what a role may do in the organisation',
  description:
    'At most what the role has by itself, and what you have. `*` stands for every action or ' +
    'every resource. It holds from the next call on.',
  tag: TAG,
  params: oneRole,
  body: z.strictObject({ permissions: permissionsSchema }).meta({
    id: 'RolePolicyBody',
    example: { permissions: [{ action: 'read', resource: 'projects' }] },
  }),
  ifMatch: 'optional',
  responses: { 200: rolePolicySchema },
  handle: async ({ actor, trx, input, request }) => {
    const { role } = input.params;
    const key = { organization_id: actor.membership.organizationId, role };
    authorize(canRolePolicy, actor, 'update', key);
    const present = await RolePolicy.query(trx).findOne(key).forUpdate();
    requireFresh(request.ifMatch, presentRolePolicy(role, present));
    const props = { role, permissions: input.body.permissions };
    const policy = await replaceRolePolicy({ actor, trx, request }, props, present);
    const body = presentRolePolicy(role, policy);
    return { status: 200, body, headers: { ETag: etagOf(body) } };
  },
});

/** What the roles of an organisation may do in it. */
export const rbacRoutes: readonly Route[] = [listPolicies, showPolicy, putPolicy];
