import { findCondition } from '../../crds/condition.ts';
import { LABELS } from '../../crds/constants.ts';
import type { ResourceRequest } from '../../crds/resource-request.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { RESOURCE_REQUESTS, RESOURCE_RUNS } from '../../crds/resource-types.ts';
import type { KubeObject, Lease } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES, type ResourceType } from '../../lib/kube/resource-types.ts';
import type { WatchEvent } from '../../lib/kube/watch.ts';
import { runOutcome } from '../../operator/request/runs.ts';
import type { Pod } from '../../operator/run/objects.ts';
import { PLATFORM } from './open-project.ts';
import type { Stage } from './stage.ts';

/** What can be seen of a request's way from outside, in its order. */
export const MARKS = [
  'applied',
  'finalizer',
  'run',
  'job',
  'pod',
  'scheduled',
  'claimed',
  'state',
  'outputs',
  'reported',
  'secret',
  'ready',
  'planned',
  'gone',
] as const;

/** One of {@link MARKS}. */
export type Mark = (typeof MARKS)[number];

/** Hears of a change: ADDED, MODIFIED or DELETED. */
type See<T> = (object: T, change: string) => void;

/** Watches everything that happens for the requests of a stage, and notes when. */
export class Timeline {
  readonly #stage: Stage;
  readonly #stop = new AbortController();
  readonly #marks = new Map<string, Map<Mark, number>>();
  readonly #names = new Map<string, string>();
  readonly #waiting = new Set<() => void>();
  readonly #watches: Promise<void>[] = [];

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  /** Begins to watch the requests and their Secrets. */
  async start(): Promise<void> {
    const { namespace } = this.#stage;
    await Promise.all([
      this.#watch<ResourceRequest>(RESOURCE_REQUESTS, namespace, (object, type) =>
        this.#seeRequest(object, type),
      ),
      this.#watch(RESOURCE_TYPES.secrets, namespace, ({ metadata }) =>
        this.mark(metadata.name.replace(/-credentials$/, ''), 'secret'),
      ),
    ]);
  }

  /** Watches also what happens in the runs namespace. */
  async startInside(): Promise<void> {
    await Promise.all([
      this.#watch<ResourceRun>(RESOURCE_RUNS, PLATFORM.runs, (run) => this.#seeRun(run)),
      this.#watch(RESOURCE_TYPES.jobs, PLATFORM.runs, (job) => this.#see(job, 'job')),
      this.#watch<Pod>(RESOURCE_TYPES.pods, PLATFORM.runs, (pod) => this.#seePod(pod)),
      this.#watch<Lease>(RESOURCE_TYPES.leases, PLATFORM.runs, (lease) => {
        if (lease.spec?.holderIdentity) this.#see(lease, 'claimed');
      }),
      this.#watch(RESOURCE_TYPES.secrets, PLATFORM.runs, (secret) => {
        const component = secret.metadata.labels?.[LABELS.component];
        if (component === 'state-index') this.#see(secret, 'state');
        if (component === 'outputs') this.#see(secret, 'outputs');
      }),
    ]);
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await Promise.all(this.#watches);
  }

  /** Notes a moment; the first counts. */
  mark(name: string, mark: Mark): void {
    const marks = this.#marks.get(name);
    if (!marks || marks.has(mark)) return;
    marks.set(mark, performance.now());
    for (const look of this.#waiting) look();
  }

  /** Begins to note for this name anew. */
  begin(name: string): void {
    this.#marks.set(name, new Map());
    this.mark(name, 'applied');
  }

  /** All marks of a request, in milliseconds since it was applied. */
  marksOf(name: string): Partial<Record<Mark, number>> {
    const begun = this.#marks.get(name)?.get('applied') ?? Number.NaN;
    const entries = [...(this.#marks.get(name) ?? [])];
    return Object.fromEntries(entries.map(([mark, moment]) => [mark, moment - begun]));
  }

  /** Milliseconds since it was applied. */
  at(name: string, mark: Mark): number | undefined {
    return this.marksOf(name)[mark];
  }

  /** Waits until all of these have come. */
  async reached(
    names: readonly string[],
    marks: readonly Mark[],
    timeoutMs = 180_000,
  ): Promise<void> {
    const isThere = (): boolean =>
      names.every((name) => marks.every((mark) => this.#marks.get(name)?.has(mark)));
    if (isThere()) return;
    const { promise, resolve, reject } = Promise.withResolvers<undefined>();
    const look = (): void => {
      if (isThere()) resolve(undefined);
    };
    const timer = setTimeout(
      () => reject(new Error(`${marks.join(', ')}: waited in vain`)),
      timeoutMs,
    );
    this.#waiting.add(look);
    try {
      await promise;
    } finally {
      clearTimeout(timer);
      this.#waiting.delete(look);
    }
  }

  #seeRequest(request: ResourceRequest, type: string): void {
    const { name, uid = '', finalizers } = request.metadata;
    this.#names.set(uid, name);
    if (type === 'DELETED') this.#seeEnd(uid, name);
    if (finalizers?.length) this.mark(name, 'finalizer');
    if (request.status?.plan !== undefined) this.mark(name, 'planned');
    if (findCondition(request.status?.conditions, 'Ready')?.status === 'True') {
      this.mark(name, 'ready');
    }
  }

  /** What its last pod does afterwards is nothing of the next one of that name. */
  #seeEnd(uid: string, name: string): void {
    this.#names.delete(uid);
    this.mark(name, 'gone');
  }

  #seeRun(run: ResourceRun): void {
    const { name } = run.spec.requestRef;
    this.mark(name, 'run');
    if (runOutcome(run) !== 'unfinished') this.mark(name, 'reported');
  }

  #seePod(pod: Pod): void {
    this.#see(pod, 'pod');
    const scheduled = pod.status?.conditions?.find(({ type }) => type === 'PodScheduled');
    if (scheduled?.status === 'True') this.#see(pod, 'scheduled');
  }

  #see({ metadata }: KubeObject, mark: Mark): void {
    const name = this.#names.get(metadata.labels?.[LABELS.requestUid] ?? '');
    if (name !== undefined) this.mark(name, mark);
  }

  async #watch<T extends KubeObject>(
    type: ResourceType,
    namespace: string,
    see: See<T>,
  ): Promise<void> {
    const { client } = this.#stage;
    const { resourceVersion } = await client.listWithVersion<T>(type, { namespace });
    const { signal } = this.#stop;
    const from = { namespace, resourceVersion, timeoutSeconds: 600, idleTimeoutMs: 600_000 };
    const watch = follow(client.watch<T>(type, { ...from, signal }), signal, see);
    // Told at the stop: what waits for it says before that for what.
    watch.catch(() => undefined);
    this.#watches.push(watch);
  }
}

async function follow<T>(
  events: AsyncIterable<WatchEvent<T>>,
  signal: AbortSignal,
  see: See<T>,
): Promise<void> {
  try {
    for await (const { type, object } of events) {
      if (type !== 'BOOKMARK') see(object, type);
    }
  } catch (error) {
    if (!signal.aborted) throw error;
  }
}
