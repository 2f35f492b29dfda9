import { expect } from 'chai';
import type { Actor } from '../../../api/auth/actor.ts';
import { canAuditLog } from '../../../api/policies/audit-log-policy.ts';
import {
  canResourceRequest,
  isSelfApproval,
  type ResourceRequestAction,
} from '../../../api/policies/resource-request-policy.ts';
import { ROLES, type Role } from '../../../api/policies/roles.ts';

function buildActor(role: Role, allowSelfApproval = false): Actor {
  return {
    user: { id: 'me', email: 'me@example.com', isAdmin: false },
    membership: { organizationId: 'ours', role, allowSelfApproval },
  };
}

const WRITES = ['create', 'update', 'cancel', 'delete', 'retry', 'read_credentials'] as const;
const DECISIONS = ['approve', 'reject'] as const;
const ALL: readonly ResourceRequestAction[] = ['read', ...WRITES, ...DECISIONS];

describe('the policy of resource requests', () => {
  for (const role of ROLES) {
    it(`lets ${role} do nothing to nothing, and nothing in another organisation`, () => {
      for (const action of ALL) {
        const foreign = { organization_id: 'theirs', isProjectMember: true };
        expect(canResourceRequest(buildActor(role), action, foreign), action).to.equal(false);
        expect(canResourceRequest(buildActor(role), action, null), action).to.equal(false);
        expect(canResourceRequest(buildActor(role), action, undefined), action).to.equal(false);
      }
    });
  }

  const table: [Role, boolean, readonly ResourceRequestAction[]][] = [
    ['read_only', true, ['read']],
    ['developer', false, ['read']],
    ['developer', true, ['read', ...WRITES]],
    ['approver', false, ['read', ...DECISIONS]],
    ['approver', true, ['read', ...DECISIONS]],
    ['admin', false, ALL],
  ];
  for (const [role, isProjectMember, expected] of table) {
    const where = isProjectMember ? 'in a project of theirs' : 'in a project of others';
    it(`lets ${role} ${where}: ${expected.join(', ')}`, () => {
      const target = { organization_id: 'ours', isProjectMember };
      const found = ALL.filter((action) => canResourceRequest(buildActor(role), action, target));
      expect(found).to.deep.equal(expected);
    });
  }
});

describe('deciding about one’s own request', () => {
  const cases: [string, { requested_by: string | null; latest_author: string | null }, boolean][] =
    [
      ['of who requested it', { requested_by: 'me', latest_author: 'other' }, true],
      ['of who changed it last', { requested_by: 'other', latest_author: 'me' }, true],
      ['of anybody else', { requested_by: 'other', latest_author: 'other' }, false],
      ['where nobody is known any more', { requested_by: null, latest_author: null }, false],
    ];
  for (const [what, subject, expected] of cases) {
    it(`is ${expected ? '' : 'not '}what it is ${what}`, () => {
      expect(isSelfApproval(buildActor('admin'), subject)).to.equal(expected);
    });
  }

  for (const [what, claim] of [
    ['by id', { id: 'me', name: 'Somebody' }],
    ['by address', { id: 'unknown', name: 'Me@Example.com' }],
  ] as const) {
    it(`is what it is of who a resource from the cluster names ${what}`, () => {
      const subject = { requested_by: null, latest_author: null, claimed_requester: claim };
      expect(isSelfApproval(buildActor('admin'), subject)).to.equal(true);
    });
  }

  it('is no less what it is because a resource from the cluster names somebody else', () => {
    const claimed_requester = { id: 'other', name: 'other@example.com' };
    const subject = { requested_by: null, latest_author: 'me', claimed_requester };
    expect(isSelfApproval(buildActor('admin'), subject)).to.equal(true);
  });

  it('is fine where the organisation says so', () => {
    const subject = { requested_by: 'me', latest_author: 'me' };
    expect(isSelfApproval(buildActor('admin', true), subject)).to.equal(false);
  });
});

describe('the policy of the audit log', () => {
  for (const role of ['approver', 'developer', 'read_only'] as const) {
    it(`does not let ${role} read it`, () => {
      expect(canAuditLog(buildActor(role), 'read', { organization_id: 'ours' })).to.equal(false);
    });
  }

  it('lets an admin read that of their own organisation only', () => {
    const admin = buildActor('admin');
    expect(canAuditLog(admin, 'read', { organization_id: 'ours' })).to.equal(true);
    expect(canAuditLog(admin, 'read', { organization_id: 'theirs' })).to.equal(false);
    expect(canAuditLog(admin, 'read', null)).to.equal(false);
  });
});
