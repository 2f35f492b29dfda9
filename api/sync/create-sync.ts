import { hostname } from 'node:os';
import type { JSONWebKeySet } from 'jose';
import { RESOURCE_CLASSES } from '../../crds/resource-types.ts';
import type { Clock } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { Informer } from '../../lib/kube/informer.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import type { Logger } from '../../lib/logger.ts';
import type { SpanSink } from '../../lib/span-sink.ts';
import type { ApprovalSigner } from '../approvals/approval-signer.ts';
import { publishApprovalKeys } from '../approvals/publish-approval-keys.ts';
import type { Database } from '../db/database.ts';
import { CachedClassCatalogue, type ClassCatalogue } from './classes/class-catalogue.ts';
import { createMirror } from './mirror/create-mirror.ts';
import { createRelay } from './relay/create-relay.ts';
import type { PlatformNamespaces } from './relay/build-project-namespace.ts';
import { PlanMirror } from './plans/plan-mirror.ts';
import { createPlanReader } from './plans/plan-reader.ts';
import { PlanSweep } from './plans/plan-sweep.ts';
import { ProjectRights } from './project-rights.ts';
import { repeat } from './repeat.ts';
import { Sweep } from './sweep.ts';

/** A new key signs only minutes after it was made, so it is known everywhere by then. */
const PUBLISH_EVERY_MS = 60_000;
const SWEEP_EVERY_MS = 3 * 60_000;
const PLANS_EVERY_MS = 60_000;
const RIGHTS_EVERY_MS = 10 * 60_000;

/** What connects the api with Kubernetes. */
export interface SyncDependencies {
  database: Database;
  client: KubeClient;
  /** Connection URL of the system role, for LISTEN. */
  systemUrl: string;
  platform: PlatformNamespaces;
  /** Public halves of the keys that approvals are signed with. */
  approvalKeys: () => JSONWebKeySet;
  /** For what the platform approves by itself. */
  approvals: ApprovalSigner;
  clock: Clock;
  log: Logger;
  /** Where traces go. */
  spans?: SpanSink | undefined;
}

/** The running connection between database and Kubernetes. */
export interface Sync {
  /** The classes as Kubernetes has them. */
  classes: ClassCatalogue;
  /** Whether Kubernetes has been seen in full at least once. */
  isSynced(): boolean;
  /** Begins in the background; faults of Kubernetes are waited out. */
  start(): void;
  /** Ends in order: nothing new is taken, what is in hand is finished. */
  stop(): Promise<void>;
}

/** Puts catalogue, relay, mirror and sweep together; nothing runs before `start`. */
export function createSync(dependencies: SyncDependencies): Sync {
  const { client, database, clock } = dependencies;
  const log = dependencies.log.child({ component: 'sync' });
  const classInformer = new Informer<KubeObject>({
    ...{ client, clock, log },
    type: RESOURCE_CLASSES,
    onChange: () => undefined,
  });
  const classes = new CachedClassCatalogue({
    list: () => (classInformer.hasSynced ? classInformer.list() : undefined),
  });
  const owner = `${hostname()}/${process.pid}`;
  const relay = createRelay({ ...dependencies, classes, log, owner });
  const plans = new PlanMirror({
    ...{ database, classes, clock, approvals: dependencies.approvals },
    readPlan: createPlanReader(client, dependencies.platform.runs),
  });
  const mirror = createMirror({
    ...{ ...dependencies, log, classes, plans },
    namespaces: relay.namespaces,
  });
  const lookAt = (key: string): void => mirror.lookAt(key);
  const resources = mirror.requests;
  const sweep = new Sweep({ database, queue: relay.queue, resources, lookAt, log });
  const planSweep = new PlanSweep({
    ...{ database, client, classes, clock, log, runs: mirror.runs },
    follow: (run) => plans.followRun(run),
  });
  const rights = new ProjectRights({ ...dependencies, namespaces: relay.namespaces, log });
  const informers = [classInformer, mirror.requests, mirror.runs];
  const ends: (() => Promise<void>)[] = [];

  return {
    classes,
    isSynced: () => informers.every((informer) => informer.hasSynced),
    start: () => {
      for (const informer of informers) informer.start();
      relay.start();
      ends.push(
        repeat({
          ...{ name: 'publish approval keys', everyMs: PUBLISH_EVERY_MS, log },
          work: () =>
            publishApprovalKeys(client, dependencies.platform.system, dependencies.approvalKeys()),
        }),
        repeat({
          ...{ name: 'compare rights in projects', everyMs: RIGHTS_EVERY_MS, log },
          work: async () => {
            await rights.compare();
          },
        }),
        repeat({
          ...{ name: 'compare with Kubernetes', everyMs: SWEEP_EVERY_MS, log },
          work: async () => {
            if (mirror.requests.hasSynced) await sweep.compare();
            else await mirror.requests.synced();
          },
        }),
        repeat({
          ...{ name: 'look after plans', everyMs: PLANS_EVERY_MS, log },
          work: async () => {
            await Promise.all([classInformer.synced(), mirror.runs.synced()]);
            await planSweep.compare();
          },
        }),
      );
    },
    stop: async () => {
      await Promise.all(informers.map((informer) => informer.stop()));
      await Promise.all([relay.stop(), mirror.stop(), ...ends.map((end) => end())]);
    },
  };
}
