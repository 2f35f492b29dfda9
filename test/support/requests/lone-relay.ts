import { PlanRelay } from '../../../api/sync/plans/plan-relay.ts';
import { OutboxQueue } from '../../../api/sync/relay/outbox-queue.ts';
import { ProjectNamespaces } from '../../../api/sync/relay/project-namespaces.ts';
import { Relay } from '../../../api/sync/relay/relay.ts';
import { RequestRelay } from '../../../api/sync/relay/request-relay.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import type { TestApi } from '../api/test-api.ts';
import { PLATFORM } from './synced-api.ts';

/** Starts the relay of an api by itself: it hears no notification, and no mirror runs beside it. */
export function startLoneRelay(api: TestApi, client: KubeClient): Relay {
  const { database, clock, log, classes } = api.deps;
  const namespaces = new ProjectNamespaces({ client, clock, platform: PLATFORM });
  const relay = new Relay({
    ...{ database, namespaces, log, clock },
    queue: new OutboxQueue(database, { owner: 'test', leaseSeconds: 30 }),
    requests: new RequestRelay({ database, client, namespaces }),
    plans: new PlanRelay({
      ...{ database, client, namespaces, classes },
      runsNamespace: PLATFORM.runs,
    }),
  });
  relay.start();
  return relay;
}
