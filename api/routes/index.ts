import { createApprovalSigner } from '../approvals/approval-signer.ts';
import { approvalKey } from '../auth/key-set.ts';
import {
  createCredentialsReader,
  noCredentials,
  type CredentialsReader,
} from '../credentials/credentials-reader.ts';
import type { RequestServices } from '../commands/request-context.ts';
import type { Dependencies } from '../deps.ts';
import { buildOpenApi } from '../openapi.ts';
import { VERSION } from '../version.ts';
import { apiKeyRoutes } from './api-keys/api-keys.ts';
import { auditLogRoutes } from './audit-logs/audit-logs.ts';
import { authRoutes } from './auth/auth.ts';
import { invitationRoutes } from './invitations/invitations.ts';
import { memberRoutes } from './members/members.ts';
import { organizationRoutes } from './organizations/organizations.ts';
import { projectRoutes } from './projects/projects.ts';
import { quotaRoutes } from './quotas/quotas.ts';
import { rbacRoutes } from './rbac/rbac.ts';
import { resourceClassRoutes } from './resource-classes/resource-classes.ts';
import { resourceRequestRoutes } from './resource-requests/resource-requests.ts';
import { createRunLogs, noRunLogs, type RunLogs } from '../run-logs/run-logs.ts';
import { createSecretBox } from '../notifications/secret-box.ts';
import { pageRoutes } from './pages/pages.ts';
import type { Route } from './route.ts';
import { teamRoutes } from './teams/teams.ts';
import { usageRoutes } from './usage/usage.ts';
import { userRoutes } from './users/users.ts';
import { documentationRoutes } from './system/documentation.ts';
import { webhookRoutes, type WebhookServices } from './webhooks/webhooks.ts';
import { systemRoutes } from './system/system.ts';

/** Every route of the api, in the order of the OpenAPI document. */
export function allRoutes(deps: Dependencies): readonly Route[] {
  const about = { url: deps.config.PUBLIC_URL, version: VERSION };
  const routes: Route[] = [
    ...authRoutes(deps),
    ...organizationRoutes(deps),
    ...memberRoutes(deps),
    ...invitationRoutes(deps),
    ...apiKeyRoutes,
    ...rbacRoutes,
    ...teamRoutes,
    ...userRoutes,
    ...projectRoutes,
    ...resourceClassRoutes(deps.classes),
    ...resourceRequestRoutes(requestServices(deps), clusterReaders(deps)),
    ...webhookRoutes(webhookServices(deps)),
    ...quotaRoutes,
    ...usageRoutes,
    ...auditLogRoutes,
    ...systemRoutes(deps),
    ...pageRoutes,
  ];
  routes.push(...documentationRoutes(() => buildOpenApi(routes, about)));
  return routes;
}

function requestServices({ classes, keys, clock }: Dependencies): RequestServices {
  return { classes, clock, approvals: createApprovalSigner(() => approvalKey(keys)) };
}

/** What is read from Kubernetes when somebody asks for it. */
function clusterReaders(deps: Dependencies): { logs: RunLogs; credentials: CredentialsReader } {
  const { kube, config, clock, log, stopping } = deps;
  if (!kube) return { logs: noRunLogs, credentials: noCredentials };
  const namespace = config.RUNS_NAMESPACE;
  return {
    logs: createRunLogs({ client: kube, namespace, clock, log, stopping }),
    credentials: createCredentialsReader(kube),
  };
}

function webhookServices({ keys, config }: Dependencies): WebhookServices {
  const allowsPlainHttp = config.WEBHOOK_ALLOWED_NETWORKS.length > 0;
  return { box: createSecretBox(keys), allowsPlainHttp };
}
