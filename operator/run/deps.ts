import type { ResourceClassSpec } from '../../crds/resource-class.ts';
import type { ResourceRequest } from '../../crds/resource-request.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import type { Clock } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { Logger } from '../../lib/logger.ts';
import type { ObjectCache, OwnWrites } from '../own-writes.ts';
import type { RunAccess } from '../terraform/run-contract.ts';
import type { Job, Pod } from './objects.ts';
import type { RunTurns } from './run-turns.ts';

/** What the run controller sees from memory. */
export interface RunCaches {
  runs: OwnWrites<ResourceRun>;
  requests: ObjectCache<ResourceRequest>;
  jobs: ObjectCache<Job>;
  /** The pods of a run, by its name. */
  podsOf(run: string): Pod[];
}

/** What the run controller works with. */
export interface RunReconcilerDeps {
  client: KubeClient;
  clock: Clock;
  log: Logger;
  caches: RunCaches;
  turns: RunTurns;
  runsNamespace: string;
  runnerImage: string;
  /** Names of the Secrets that the image is fetched with. */
  runnerPullSecrets?: readonly string[] | undefined;
  readRevision(name: string): Promise<ResourceClassSpec | undefined>;
  issueRunAccess(run: ResourceRun): Promise<RunAccess>;
  /** Breaks the lock of a run whose pod is proven gone. */
  releaseLock(requestUid: string, run: string): Promise<boolean>;
  /** Deletes a saved plan. */
  removePlan(planDigest: string): Promise<void>;
  /** Says in the log of a run that it has ended, and with a last line why, where it could not say so. */
  completeLog(run: ResourceRun, lastLine?: string): Promise<void>;
  /** Asks for a visit of a run: `namespace/name`. */
  wake(key: string): void;
}
