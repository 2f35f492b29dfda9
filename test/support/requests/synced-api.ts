import { createApprovalSigner } from '../../../api/approvals/approval-signer.ts';
import { approvalKey, publicKeys } from '../../../api/auth/key-set.ts';
import type { Dependencies } from '../../../api/deps.ts';
import { readProjectBounds } from '../../../api/sync/relay/build-project-bounds.ts';
import { createSync, type Sync } from '../../../api/sync/create-sync.ts';
import { RESOURCE_CLASSES } from '../../../crds/resource-types.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import { createKubeClient } from '../../../lib/kube/create-kube-client.ts';
import { AlreadyExistsError } from '../../../lib/kube/errors.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { systemClock } from '../../../lib/clock.ts';
import { eventually } from '../eventually.ts';
import { startTestApi, type TestApi } from '../api/test-api.ts';
import type { TestCluster } from '../kube/test-cluster.ts';
import { ordinaryClasses } from './class-objects.ts';

/** Namespaces of the platform in tests. */
export const PLATFORM = { system: 'quartermaster-system', runs: 'quartermaster-runs' };

/** The api over a real database, connected with a real API server. */
export interface SyncedApi extends TestApi {
  sync: Sync;
  kube: KubeClient;
}

/**
 * Starts the api with relay, mirror and sweep.
 *
 * @param platform where the operator is, if one works beside it
 * @param environment more settings
 * @param overrides parts to use in place of the ordinary ones
 */
export async function startSyncedApi(
  cluster: TestCluster,
  platform: { system: string; runs: string } = PLATFORM,
  environment: Record<string, string> = {},
  overrides: Partial<Dependencies> = {},
): Promise<SyncedApi> {
  const kube = createKubeClient({ kubeconfig: cluster.kubeconfig });
  await preparePlatform(kube);
  const late: { sync?: Sync } = {};
  const classes = {
    list: () => late.sync!.classes.list(),
    find: (name: string) => late.sync!.classes.find(name),
  };
  const places = { SYSTEM_NAMESPACE: platform.system, RUNS_NAMESPACE: platform.runs };
  const api = await startTestApi({ kube, classes, ...overrides }, { ...places, ...environment });
  const sync = createSync({
    ...{ database: api.deps.database, client: kube, clock: systemClock },
    platform: { ...platform, bounds: readProjectBounds(api.deps.config) },
    systemUrl: api.database.systemUrl,
    approvalKeys: () => publicKeys(api.deps.keys.approval),
    approvals: createApprovalSigner(() => approvalKey(api.deps.keys)),
    ...{ log: api.deps.log, spans: api.deps.spans },
  });
  late.sync = sync;
  sync.start();
  await eventually(() => {
    if (!sync.isSynced()) throw new Error('not synced yet');
  });
  return {
    ...{ ...api, sync, kube },
    close: async () => {
      await sync.stop();
      await api.close();
      await kube.close();
    },
  };
}

/** The namespaces and classes that the api expects. */
export async function preparePlatform(kube: KubeClient): Promise<void> {
  for (const name of Object.values(PLATFORM)) {
    try {
      const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
      await kube.create(RESOURCE_TYPES.namespaces, namespace);
    } catch (error) {
      if (!(error instanceof AlreadyExistsError)) throw error;
    }
  }
  const options = { fieldManager: 'quartermaster-test', force: true };
  for (const object of ordinaryClasses()) await kube.apply(RESOURCE_CLASSES, object, options);
}
