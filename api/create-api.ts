import { systemClock } from '../lib/clock.ts';
import type { KubeClient } from '../lib/kube/client.ts';
import { createKubeClient } from '../lib/kube/create-kube-client.ts';
import type { Logger } from '../lib/logger.ts';
import { AccessTokens } from './auth/access-tokens.ts';
import { createApprovalSigner } from './approvals/approval-signer.ts';
import { approvalKey, publicKeys } from './auth/key-set.ts';
import { KeyRing } from './auth/key-ring.ts';
import { openKeyStore } from './auth/open-key-store.ts';
import { PasswordHasher } from './auth/password-hasher.ts';
import { SignInGuard } from './auth/sign-in-guard.ts';
import type { ApiConfig } from './config.ts';
import { Database } from './db/database.ts';
import type { Dependencies } from './deps.ts';
import { createMailer } from './mail/mailer.ts';
import { Readiness } from './readiness.ts';
import { retryUntilDone } from './retry.ts';
import { noClassCatalogue, type ClassCatalogue } from './sync/classes/class-catalogue.ts';
import { readClassFiles } from './sync/classes/class-files.ts';
import { openSpanExport } from './telemetry/open-span-export.ts';
import { createSync, type Sync } from './sync/create-sync.ts';
import { readProjectBounds } from './sync/relay/build-project-bounds.ts';

/** The api, put together; nothing of it runs yet. */
export interface Api {
  dependencies: Dependencies;
  /** The keys among them, which can be looked at again. */
  keys: KeyRing;
  /** What connects it with Kubernetes, where that is enabled. */
  sync: Sync | undefined;
  /** Closes what was opened, after everything that uses it has stopped. */
  close(): Promise<void>;
}

/**
 * The composition root. Waits for the place that keeps the signing keys; everything else may come
 * later.
 *
 * @param signal ends the waiting
 * @throws {ConfigurationError} when the settings do not fit together
 */
export async function createApi(config: ApiConfig, log: Logger, signal: AbortSignal): Promise<Api> {
  const clock = systemClock;
  const kube = config.KUBERNETES === 'enabled' ? openKubernetes(config) : undefined;
  const store = openKeyStore(config, kube);
  const retry = { what: 'load the signing keys', log, signal };
  const keys = await retryUntilDone(() => KeyRing.open(store), retry);
  const database = new Database({
    appUrl: config.DATABASE_URL,
    systemUrl: config.SYSTEM_DATABASE_URL,
    maxConnections: config.DATABASE_POOL_SIZE,
    log,
  });
  const spans = await openSpanExport(config, log);
  const sync = kube && connectKubernetes({ config, log, database, keys, kube, spans });
  const dependencies: Dependencies = {
    ...{ config, log, clock, database, keys, kube, spans },
    tokens: new AccessTokens(keys, config.PUBLIC_URL, clock),
    passwords: new PasswordHasher(),
    signIns: new SignInGuard(database, clock),
    mailer: createMailer(config),
    classes: sync?.classes ?? chooseClasses(config),
    readiness: new Readiness({ database, kube, clock }),
    stopping: signal,
  };
  return {
    dependencies,
    keys,
    sync,
    close: async () => {
      dependencies.mailer?.close();
      await Promise.all([database.close(), kube?.close(), spans?.close()]);
    },
  };
}

function connectKubernetes(
  parts: Pick<Dependencies, 'config' | 'log' | 'database' | 'keys' | 'spans'> & {
    kube: KubeClient;
  },
): Sync {
  const { config, log, database, keys, kube, spans } = parts;
  return createSync({
    ...{ database, log, spans },
    client: kube,
    systemUrl: config.SYSTEM_DATABASE_URL,
    platform: {
      system: config.SYSTEM_NAMESPACE,
      runs: config.RUNS_NAMESPACE,
      runnerAccounts: config.PROJECT_RUNNER_ACCOUNTS,
      bounds: readProjectBounds(config),
    },
    approvalKeys: () => publicKeys(keys.approval),
    approvals: createApprovalSigner(() => approvalKey(keys)),
    clock: systemClock,
  });
}

function chooseClasses({ CLASSES_DIRECTORY: directory }: ApiConfig): ClassCatalogue {
  return directory === undefined ? noClassCatalogue : readClassFiles(directory);
}

function openKubernetes(config: ApiConfig): KubeClient {
  return createKubeClient({
    kubeconfig: config.KUBECONFIG,
    context: config.KUBE_CONTEXT,
    userAgent: 'quartermaster-api',
  });
}
