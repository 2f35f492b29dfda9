import type { Clock } from '../../../lib/clock.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import type { Logger } from '../../../lib/logger.ts';
import type { SpanSink } from '../../../lib/span-sink.ts';
import type { Database } from '../../db/database.ts';
import type { PlatformNamespaces } from './build-project-namespace.ts';
import type { ClassCatalogue } from '../classes/class-catalogue.ts';
import { PlanRelay } from '../plans/plan-relay.ts';
import { OutboxListener } from './outbox-listener.ts';
import { OutboxQueue } from './outbox-queue.ts';
import { ProjectNamespaces } from './project-namespaces.ts';
import { Relay } from './relay.ts';
import { RequestRelay } from './request-relay.ts';

/** Longer than the calls of one task usually take; a task that takes longer is done twice. */
const LEASE_SECONDS = 30;

/** What the relay works with. */
export interface RelayDependencies {
  database: Database;
  client: KubeClient;
  /** Connection URL of the system role, for LISTEN. */
  systemUrl: string;
  platform: PlatformNamespaces;
  classes: ClassCatalogue;
  /** Stands in the claimed rows, for people. */
  owner: string;
  clock: Clock;
  log: Logger;
  /** Where traces go. */
  spans?: SpanSink | undefined;
}

/** The relay with what wakes it. */
export interface RunningRelay {
  queue: OutboxQueue;
  namespaces: ProjectNamespaces;
  start(): void;
  stop(): Promise<void>;
}

/** Puts the relay together; nothing runs before `start`. */
export function createRelay(dependencies: RelayDependencies): RunningRelay {
  const { database, client, platform, clock, log, owner } = dependencies;
  const queue = new OutboxQueue(database, { owner, leaseSeconds: LEASE_SECONDS });
  const namespaces = new ProjectNamespaces({ client, platform, clock });
  const requests = new RequestRelay({ database, client, namespaces });
  const { classes } = dependencies;
  const plans = new PlanRelay({
    ...{ database, client, classes, namespaces },
    runsNamespace: platform.runs,
  });
  const relay = new Relay({
    ...{ queue, database, requests, plans, namespaces, log, clock },
    spans: dependencies.spans,
  });
  const listener = new OutboxListener({
    url: dependencies.systemUrl,
    onNotification: () => relay.wake(),
    log,
  });
  return {
    queue,
    namespaces,
    start: () => {
      relay.start();
      listener.start();
    },
    stop: async () => {
      await listener.stop();
      await relay.stop();
    },
  };
}
