import { LABELS } from '../crds/constants.ts';
import type { ResourceClass } from '../crds/resource-class.ts';
import type { ResourceRequest } from '../crds/resource-request.ts';
import type { ResourceRun } from '../crds/resource-run.ts';
import { RESOURCE_CLASSES, RESOURCE_REQUESTS, RESOURCE_RUNS } from '../crds/resource-types.ts';
import type { Clock } from '../lib/clock.ts';
import type { KubeClient } from '../lib/kube/client.ts';
import { Informer, type InformerOptions } from '../lib/kube/informer.ts';
import { keyOf, type KubeObject } from '../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../lib/kube/resource-types.ts';
import type { Logger } from '../lib/logger.ts';
import { OwnWrites } from './own-writes.ts';
import type { Job, Pod } from './run/objects.ts';

/** Called when something happened; they only enqueue. */
export interface CacheHandlers {
  onClass(key: string, priority: 'normal' | 'low'): void;
  onRequest(key: string, priority: 'normal' | 'low'): void;
  onRun(key: string, priority: 'normal' | 'low'): void;
  onRunDeleted(run: ResourceRun): void;
  /** A Job or pod of the run with this key. */
  onWork(runKey: string): void;
}

/** What {@link Caches} needs. */
export interface CachesOptions {
  client: KubeClient;
  clock: Clock;
  log: Logger;
  runsNamespace: string;
  handlers: CacheHandlers;
  /** A list or watch of this kind failed and begins anew. */
  onInterrupted?: ((kind: string) => void) | undefined;
}

/** Everything that the operator watches, in memory. */
export class Caches {
  readonly classes: OwnWrites<ResourceClass>;
  readonly requests: OwnWrites<ResourceRequest>;
  readonly runs: OwnWrites<ResourceRun>;
  readonly jobs: Informer<Job>;
  readonly #classes: Informer<ResourceClass>;
  readonly #requests: Informer<ResourceRequest>;
  readonly #runs: Informer<ResourceRun>;
  readonly #pods: Informer<Pod>;

  constructor({ handlers, runsNamespace: namespace, ...base }: CachesOptions) {
    const { clock } = base;
    this.#classes = new Informer<ResourceClass>({
      ...base,
      ...told((key, priority) => handlers.onClass(key, priority)),
      type: RESOURCE_CLASSES,
      onDelete: (object) => this.classes.forget(keyOf(object)),
    });
    this.#requests = new Informer<ResourceRequest>({
      ...base,
      ...told((key, priority) => handlers.onRequest(key, priority)),
      type: RESOURCE_REQUESTS,
      indexBy: ({ spec }) => spec.className,
      onDelete: (object) => this.requests.forget(keyOf(object)),
    });
    this.#runs = new Informer<ResourceRun>({
      ...base,
      ...told((key, priority) => handlers.onRun(key, priority)),
      namespace,
      type: RESOURCE_RUNS,
      indexBy: ({ spec }) => spec.requestRef.uid,
      onDelete: (run) => {
        this.runs.forget(keyOf(run));
        handlers.onRunDeleted(run);
      },
    });
    const work = { ...base, namespace, labelSelector: LABELS.run, indexBy: runLabelOf };
    const onChange = (key: string): void => handlers.onWork(key);
    this.jobs = new Informer<Job>({ ...work, type: RESOURCE_TYPES.jobs, onChange });
    this.#pods = new Informer<Pod>({
      ...work,
      type: RESOURCE_TYPES.pods,
      onChange: (key) => {
        const run = runLabelOf(this.#pods.get(key));
        if (run !== undefined) handlers.onWork(`${namespace}/${run}`);
      },
      onDelete: (pod) => handlers.onWork(`${namespace}/${runLabelOf(pod) ?? ''}`),
    });
    this.classes = new OwnWrites(this.#classes, clock);
    this.requests = new OwnWrites(this.#requests, clock);
    this.runs = new OwnWrites(this.#runs, clock);
  }

  /** Begins to watch; resolves when everything has been listed once. */
  async start(): Promise<void> {
    for (const informer of this.#all()) informer.start();
    await Promise.all(this.#all().map((informer) => informer.synced()));
  }

  /** Ends all watches. */
  async stop(): Promise<void> {
    await Promise.all(this.#all().map((informer) => informer.stop()));
  }

  /** The requests that name a class. */
  requestsOf(className: string): ResourceRequest[] {
    return this.#requests.listBy(className);
  }

  /** The runs of a request, our own writes included. */
  runsOf(requestUid: string): ResourceRun[] {
    return this.runs.merge(
      this.#runs.listBy(requestUid),
      ({ spec }) => spec.requestRef.uid === requestUid,
    );
  }

  /** The pods of a run. */
  podsOf(run: string): Pod[] {
    return this.#pods.listBy(run);
  }

  #all(): Pick<Informer<KubeObject>, 'start' | 'stop' | 'synced'>[] {
    return [this.#classes, this.#requests, this.#runs, this.jobs, this.#pods];
  }
}

function runLabelOf(object: KubeObject | undefined): string | undefined {
  return object?.metadata.labels?.[LABELS.run];
}

/** Changes first, periodic looks when nothing else is to do. */
function told(
  tell: (key: string, priority: 'normal' | 'low') => void,
): Pick<InformerOptions<KubeObject>, 'onChange' | 'onResync'> {
  return { onChange: (key) => tell(key, 'normal'), onResync: (key) => tell(key, 'low') };
}
