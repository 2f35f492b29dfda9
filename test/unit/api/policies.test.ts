import { expect } from 'chai';
import type { Actor } from '../../../api/auth/actor.ts';
import { authorize } from '../../../api/policies/authorize.ts';
import { canMember } from '../../../api/policies/member-policy.ts';
import { canOrganization } from '../../../api/policies/organization-policy.ts';
import { isPermitted } from '../../../api/policies/permissions.ts';
import { projectNamespace } from '../../../api/policies/project-namespace.ts';
import { canProject, type ProjectAction } from '../../../api/policies/project-policy.ts';
import { ROLES, isRole, type Role } from '../../../api/policies/roles.ts';
import { slugOf, slugSchema } from '../../../api/policies/slug.ts';
import { ForbiddenError, NotFoundError } from '../../../api/errors.ts';

const own = { organization_id: 'own' };
const foreign = { organization_id: 'foreign' };

function buildActor(role: Role, isAdmin = false): Actor {
  return {
    user: { id: 'user', email: 'user@example.com', isAdmin },
    membership: { organizationId: 'own', role, allowSelfApproval: false },
  };
}

describe('policies', () => {
  for (const role of ROLES) {
    it(`refuse ${role} everything on nothing, and on what is another organisation's`, () => {
      for (const action of ['read', 'create', 'update', 'delete'] as const) {
        for (const target of [null, undefined, foreign]) {
          expect(canProject(buildActor(role), action, target)).to.equal(false);
          expect(canMember(buildActor(role), action, target)).to.equal(false);
        }
      }
    });

    it(`let ${role} read projects and members of the organisation`, () => {
      expect(canProject(buildActor(role), 'read', own)).to.equal(true);
      expect(canMember(buildActor(role), 'read', own)).to.equal(true);
    });
  }

  for (const role of ['approver', 'developer', 'read_only'] as const) {
    it(`refuse ${role} every change of organisation, members and projects`, () => {
      for (const action of ['create', 'update', 'delete', 'manage_members'] as const) {
        expect(canProject(buildActor(role), action, own)).to.equal(false);
      }
      for (const action of ['create', 'update', 'delete'] as const) {
        expect(canMember(buildActor(role), action, own)).to.equal(false);
      }
      for (const action of ['update', 'delete'] as const) {
        expect(canOrganization(buildActor(role), action, { id: 'own' })).to.equal(false);
      }
    });
  }

  it('refuse administrators of the platform to change organisations of others', () => {
    const actor = buildActor('admin', true);
    expect(canOrganization(actor, 'read', { id: 'foreign' })).to.equal(true);
    expect(canOrganization(actor, 'update', { id: 'foreign' })).to.equal(false);
    expect(canOrganization(actor, 'delete', { id: 'foreign' })).to.equal(false);
    const outside = { user: actor.user, membership: null };
    expect(canOrganization(outside, 'delete', { id: 'own' })).to.equal(false);
  });

  it('refuse an action that nobody listed, but to admins', () => {
    const unlisted = 'explode' as ProjectAction;
    expect(canProject(buildActor('developer'), unlisted, own)).to.equal(false);
    expect(canProject(buildActor('admin'), unlisted, own)).to.equal(true);
  });

  const credentials: Record<Role, boolean> = {
    admin: true,
    approver: false,
    developer: true,
    read_only: false,
  };
  for (const role of ROLES) {
    it(`keep credentials and audit log apart from "read all" for ${role}`, () => {
      expect(isPermitted(role, 'read', 'credentials')).to.equal(credentials[role]);
      expect(isPermitted(role, 'read', 'audit_logs')).to.equal(role === 'admin');
    });
  }

  it('answer 404 for nothing and 403 for a refusal', () => {
    const actor = buildActor('read_only');
    expect(() => authorize(canProject, actor, 'delete', undefined)).to.throw(NotFoundError);
    expect(() => authorize(canProject, actor, 'delete', own)).to.throw(ForbiddenError);
    expect(() => authorize(canProject, actor, 'read', own)).not.to.throw();
  });

  it('know no roles but their own', () => {
    for (const text of ['', 'owner', 'Admin', null, undefined]) {
      expect(isRole(text), String(text)).to.equal(false);
    }
  });
});

describe('slugs and namespaces', () => {
  for (const [name, slug] of [
    ['Web Shop', 'web-shop'],
    ['  Ärger & Söhne  ', 'arger-sohne'],
    ['42 Answers', 'answers'],
    [`${'a'.repeat(39)} b`, 'a'.repeat(39)],
    ['日本', undefined],
    ['', undefined],
  ] as const) {
    it(`makes ${slug ?? 'nothing'} of "${name}"`, () => {
      expect(slugOf(name)).to.equal(slug);
      if (slug !== undefined) expect(slugSchema.safeParse(slug).success).to.equal(true);
    });
  }

  it('makes no namespace of more than 63 characters', () => {
    expect(projectNamespace('a'.repeat(40), 'b'.repeat(22))).to.have.length(63);
    expect(projectNamespace('a'.repeat(40), 'b'.repeat(23))).to.equal(undefined);
  });
});
