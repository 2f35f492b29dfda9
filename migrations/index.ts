import * as context from './0001-context.ts';
import * as tenancy from './0002-tenancy.ts';
import * as requests from './0003-requests.ts';
import * as records from './0004-records.ts';
import * as apiKeys from './0005-api-keys.ts';
import * as idempotency from './0006-idempotency.ts';
import * as identity from './0007-identity.ts';
import * as singleSignOn from './0008-single-sign-on.ts';
import * as teams from './0009-teams.ts';
import * as rolePolicies from './0010-role-policies.ts';
import * as quotasAndUsage from './0011-quotas-and-usage.ts';
import * as auditChain from './0012-audit-chain.ts';
import * as approvalsAndImports from './0013-approvals-and-imports.ts';
import * as credentialGrants from './0014-credential-grants.ts';
import * as notifications from './0015-notifications.ts';
import * as plans from './0016-plans.ts';
import * as deletions from './0017-deletions.ts';
import * as policiesOfApprovers from './0018-policies-of-approvers.ts';
import type { Migration } from './migration.ts';

/**
 * Every migration in its order. The name is what the database remembers, so it never changes; the
 * list is explicit, so source files and compiled files are the same migrations.
 */
export const migrations: readonly Migration[] = [
  { name: '0001-context', ...context },
  { name: '0002-tenancy', ...tenancy },
  { name: '0003-requests', ...requests },
  { name: '0004-records', ...records },
  { name: '0005-api-keys', ...apiKeys },
  { name: '0006-idempotency', ...idempotency },
  { name: '0007-identity', ...identity },
  { name: '0008-single-sign-on', ...singleSignOn },
  { name: '0009-teams', ...teams },
  { name: '0010-role-policies', ...rolePolicies },
  { name: '0011-quotas-and-usage', ...quotasAndUsage },
  { name: '0012-audit-chain', ...auditChain },
  { name: '0013-approvals-and-imports', ...approvalsAndImports },
  { name: '0014-credential-grants', ...credentialGrants },
  { name: '0015-notifications', ...notifications },
  { name: '0016-plans', ...plans },
  { name: '0017-deletions', ...deletions },
  { name: '0018-policies-of-approvers', ...policiesOfApprovers },
];
