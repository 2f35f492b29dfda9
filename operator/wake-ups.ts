import type { ResourceRun } from '../crds/resource-run.ts';
import { formatKey, keyOf, parseKey } from '../lib/kube/objects.ts';
import type { CacheHandlers, Caches } from './caches.ts';
import { describeClass } from './class/describe-class.ts';
import type { Controller } from './controller/controller.ts';
import { credentialsOwnerName } from './request/names.ts';

/** Counting requests per class can wait until a burst of them is over. */
const COUNT_DELAY_MS = 2_000;

/** The three controllers. */
export interface Controllers {
  classes: Controller;
  requests: Controller;
  runs: Controller;
}

/** Which keys to look at when something has changed; the only place that knows. */
export function buildWakeUps(caches: () => Caches, controllers: () => Controllers): CacheHandlers {
  const seenClasses = new Map<string, string>();
  return {
    onClass: (key, priority) => {
      controllers().classes.enqueue(key, priority);
      // Its status counts its requests, which is no news to them.
      const looks = describeClass(caches().classes.get(key));
      if (looks === undefined || seenClasses.get(key) === looks) return;
      seenClasses.set(key, looks);
      for (const request of caches().requestsOf(key)) {
        controllers().requests.enqueue(keyOf(request), priority);
      }
    },
    onRequest: (key, priority) => {
      controllers().requests.enqueue(key, priority);
      const request = caches().requests.get(key);
      if (request === undefined || priority === 'low') return;
      controllers().classes.enqueueAfter(request.spec.className, COUNT_DELAY_MS);
      if (request.metadata.deletionTimestamp === undefined) return;
      for (const run of caches().runsOf(request.metadata.uid ?? '')) {
        controllers().runs.enqueue(keyOf(run));
      }
    },
    onRun: (key, priority) => {
      controllers().runs.enqueue(key, priority);
      const run = caches().runs.get(key);
      if (run) controllers().requests.enqueue(requestKeyOf(run), priority);
    },
    onRunDeleted: (run) => controllers().requests.enqueue(requestKeyOf(run)),
    onWork: (runKey) => controllers().runs.enqueue(runKey),
  };
}

/** The request whose credentials a Secret holds. */
export function requestKeyOfSecret(secretKey: string): string | undefined {
  const { namespace, name } = parseKey(secretKey);
  const owner = credentialsOwnerName(name);
  return owner === undefined ? undefined : formatKey({ namespace, name: owner });
}

function requestKeyOf({ spec }: ResourceRun): string {
  return formatKey({ namespace: spec.requestRef.namespace, name: spec.requestRef.name });
}
