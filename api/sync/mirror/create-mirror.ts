import type { ResourceRequest } from '../../../crds/resource-request.ts';
import type { ResourceRun } from '../../../crds/resource-run.ts';
import { RESOURCE_REQUESTS, RESOURCE_RUNS } from '../../../crds/resource-types.ts';
import type { Clock } from '../../../lib/clock.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import { Informer } from '../../../lib/kube/informer.ts';
import type { Logger } from '../../../lib/logger.ts';
import type { Database } from '../../db/database.ts';
import type { ClassCatalogue } from '../classes/class-catalogue.ts';
import { ImportNotes } from '../import/import-notes.ts';
import { ResourceImport } from '../import/resource-import.ts';
import type { ProjectNamespaces } from '../relay/project-namespaces.ts';
import type { PlanMirror } from '../plans/plan-mirror.ts';
import { KeyedQueue } from '../keyed-queue.ts';
import { recordResourceGoneByUid } from '../synced-request-writes.ts';
import { RequestMirror } from './request-mirror.ts';
import { RunMirror } from './run-mirror.ts';

/** What the mirror works with. */
export interface MirrorDependencies {
  database: Database;
  client: KubeClient;
  classes: ClassCatalogue;
  namespaces: Pick<ProjectNamespaces, 'isOwn'>;
  plans: PlanMirror;
  platform: { runs: string };
  clock: Clock;
  log: Logger;
}

/** The informers of the mirror, which the caller starts and stops, and the queues behind them. */
export interface Mirror {
  requests: Informer<ResourceRequest>;
  runs: Informer<ResourceRun>;
  /** Looks at a resource again, by `<namespace>/<name>`. */
  lookAt: (key: string) => void;
  /** Ends the queues; the informers first. */
  stop(): Promise<void>;
}

/** Connects the watches of requests and runs with their rows. */
export function createMirror(dependencies: MirrorDependencies): Mirror {
  const { requests, lookAt, stop: stopRequests } = mirrorRequests(dependencies);
  const { runs, stop: stopRuns } = mirrorRuns(dependencies);
  return {
    requests,
    runs,
    lookAt,
    stop: async () => {
      await Promise.all([stopRequests(), stopRuns()]);
    },
  };
}

function mirrorRequests(
  dependencies: MirrorDependencies,
): Pick<Mirror, 'requests' | 'lookAt' | 'stop'> {
  const { database, client, classes, plans, clock, log } = dependencies;
  const changed = new KeyedQueue({
    ...{ name: 'requests', workers: 4, log },
    handle: (key) => mirror.mirror(key),
  });
  // Which object is gone is known only now: another may have its name a moment later.
  const gone = new KeyedQueue({
    ...{ name: 'requests that are gone', workers: 2, log },
    handle: (key) => {
      const [namespace = '', name = '', uid = ''] = key.split('/');
      return recordResourceGoneByUid(database, { namespace, name, uid });
    },
  });
  const requests = new Informer<ResourceRequest>({
    ...{ client, clock, log, type: RESOURCE_REQUESTS },
    onChange: (key) => changed.add(key),
    onResync: (key) => changed.add(key),
    onDelete: (object) => {
      const { namespace = '', name, uid = '' } = object.metadata;
      gone.add(`${namespace}/${name}/${uid}`);
    },
  });
  const notes = new ImportNotes({ client, log });
  const imports = new ResourceImport({ ...dependencies, notes });
  const mirror = new RequestMirror({
    ...{ database, classes, imports, plans, log },
    resources: requests,
  });
  return {
    requests,
    lookAt: (key) => changed.add(key),
    stop: async () => {
      await Promise.all([changed.stop(), gone.stop()]);
    },
  };
}

function mirrorRuns(dependencies: MirrorDependencies): Pick<Mirror, 'runs' | 'stop'> {
  const { database, client, plans, clock, log } = dependencies;
  const changed = new KeyedQueue({
    ...{ name: 'runs', workers: 2, log },
    handle: (key) => mirror.mirror(key),
  });
  const runs = new Informer<ResourceRun>({
    ...{ client, clock, log, type: RESOURCE_RUNS },
    namespace: dependencies.platform.runs,
    onChange: (key) => changed.add(key),
  });
  const mirror = new RunMirror({ database, runs, plans, clock });
  return { runs, stop: () => changed.stop() };
}
