import { systemClock } from '../lib/clock.ts';
import type { Clock } from '../lib/clock.ts';
import type { KubeClient } from '../lib/kube/client.ts';
import { createKubeClient } from '../lib/kube/create-kube-client.ts';
import { EventRecorder } from '../lib/kube/event-recorder.ts';
import { createLogger, type Logger } from '../lib/logger.ts';
import type { OperatorConfig } from './config.ts';
import { RevisionCache } from './revision-cache.ts';
import { openRunAccess, type RunAccessIssuer } from './run-api/run-access.ts';
import { openStores, type Stores } from './state/stores.ts';

/** What everything in the operator is built from. */
export interface OperatorDeps {
  client: KubeClient;
  clock: Clock;
  log: Logger;
  events: EventRecorder;
  stores: Stores;
  access: RunAccessIssuer;
  revisions: RevisionCache;
}

/** What works through a client of its own. */
type ClientDeps = Pick<OperatorDeps, 'client' | 'events' | 'stores' | 'revisions'>;

/** Opens the connection to the cluster and everything that is kept in it. */
export async function openDeps(config: OperatorConfig): Promise<OperatorDeps> {
  const clock = systemClock;
  const log = createLogger({ level: config.LOG_LEVEL, service: 'operator' });
  const client = createKubeClient({
    kubeconfig: config.KUBECONFIG,
    context: config.KUBE_CONTEXT,
    userAgent: 'quartermaster-operator',
  });
  const namespace = config.RUNS_NAMESPACE;
  return {
    clock,
    log,
    access: await openRunAccess({ client, namespace, clock, url: config.RUN_API_URL }),
    ...(await openClientDeps(config, { client, clock, log })),
  };
}

/** The same over another client, such as one that may not write at all times. */
export async function withClient(
  config: OperatorConfig,
  deps: OperatorDeps,
  client: KubeClient,
): Promise<OperatorDeps> {
  return { ...deps, ...(await openClientDeps(config, { ...deps, client })) };
}

async function openClientDeps(
  config: OperatorConfig,
  { client, clock, log }: Pick<OperatorDeps, 'client' | 'clock' | 'log'>,
): Promise<ClientDeps> {
  const namespace = config.RUNS_NAMESPACE;
  return {
    client,
    events: new EventRecorder({
      client,
      clock,
      log,
      controller: 'quartermaster.dev/operator',
      instance: config.HOSTNAME,
    }),
    stores: await openStores({ client, namespace, clock }),
    revisions: new RevisionCache(client, namespace),
  };
}
