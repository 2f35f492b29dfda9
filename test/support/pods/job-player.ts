import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../../lib/clock.ts';
import { toError } from '../../../lib/errors.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import { AlreadyExistsError, ForbiddenError, NotFoundError } from '../../../lib/kube/errors.ts';
import { Informer } from '../../../lib/kube/informer.ts';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { hasJobEnded, hasPodEnded } from '../../../operator/run/classify-end.ts';
import type { Job, Pod } from '../../../operator/run/objects.ts';
import { QuietLogger } from '../quiet-logger.ts';

const NODE = 'played';
const RETRY_MS = 500;
const CORE_EVENTS = {
  group: '',
  version: 'v1',
  plural: 'events',
  kind: 'Event',
  namespaced: true,
};

/**
 * A stand-in for the Job controller where none runs: one pod for each Job, the outcome of the pod as
 * the outcome of the Job, and the end of the pods of a Job that is gone.
 */
export class JobPlayer {
  readonly log = new QuietLogger();
  readonly #client: KubeClient;
  readonly #namespace: string;
  readonly #jobs: Informer<Job>;
  readonly #pods: Informer<Pod>;
  /** Jobs by uid whose pod was made. */
  readonly #made = new Set<string>();
  readonly #work = new Set<Promise<void>>();

  constructor({ client, namespace }: { client: KubeClient; namespace: string }) {
    this.#client = client;
    this.#namespace = namespace;
    const base = { client, namespace, clock: systemClock, log: this.log };
    this.#jobs = new Informer<Job>({
      ...base,
      type: RESOURCE_TYPES.jobs,
      indexBy: ({ metadata }) => metadata.uid,
      onChange: (key) => this.#onJob(this.#jobs.get(key)),
      onDelete: (job) => this.#onJobGone(job),
    });
    this.#pods = new Informer<Pod>({
      ...base,
      type: RESOURCE_TYPES.pods,
      indexBy: ownerUid,
      onChange: (key) => this.#onPod(this.#pods.get(key)),
      onDelete: (pod) => this.#onPodGone(pod),
    });
  }

  /** Begins; resolves when the Jobs that are there were seen. */
  async start(): Promise<void> {
    await this.#allowPods();
    this.#jobs.start();
    await this.#jobs.synced();
    this.#pods.start();
    await this.#pods.synced();
  }

  async stop(): Promise<void> {
    await Promise.all([this.#jobs.stop(), this.#pods.stop()]);
    await Promise.all(this.#work);
  }

  /** The API server takes no pod into a namespace without its service account. */
  async #allowPods(): Promise<void> {
    const metadata = { name: 'default', namespace: this.#namespace };
    const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata };
    try {
      await this.#client.create(RESOURCE_TYPES.serviceAccounts, account);
    } catch (error) {
      if (!(error instanceof AlreadyExistsError)) throw error;
    }
  }

  #onJob(job: Job | undefined): void {
    const uid = job?.metadata.uid;
    if (job === undefined || uid === undefined || job.metadata.deletionTimestamp) return;
    if (hasJobEnded(job) || this.#made.has(uid) || this.#pods.listBy(uid).length > 0) return;
    this.#made.add(uid);
    this.#do(() => this.#createPod(job));
  }

  #onJobGone(job: Job): void {
    for (const pod of this.#pods.listBy(job.metadata.uid ?? '')) this.#deletePod(pod);
  }

  #onPod(pod: Pod | undefined): void {
    if (pod === undefined) return;
    if (this.#jobOf(pod) === undefined) this.#deletePod(pod);
    else if (hasPodEnded(pod)) this.#finish(pod, pod.status?.phase === 'Succeeded');
  }

  #jobOf(pod: Pod): Job | undefined {
    return this.#jobs.listBy(ownerUid(pod) ?? '')[0];
  }

  #deletePod({ metadata }: Pod): void {
    if (metadata.deletionTimestamp !== undefined) return;
    this.#do(() => this.#client.delete(RESOURCE_TYPES.pods, metadata));
  }

  #onPodGone(pod: Pod): void {
    if (!hasPodEnded(pod)) this.#finish(pod, false);
  }

  #finish(pod: Pod, isSuccess: boolean): void {
    const job = this.#jobOf(pod);
    if (job === undefined || hasJobEnded(job)) return;
    this.#do(async () => {
      const patch = { status: endedStatus(isSuccess) };
      const options = { subresource: 'status' } as const;
      await this.#client.mergePatch(RESOURCE_TYPES.jobs, job.metadata, patch, options);
    });
  }

  async #createPod(job: Job): Promise<void> {
    const { name, namespace, uid = '' } = job.metadata;
    const template = job.spec?.['template'] as { metadata: { labels: Record<string, string> } };
    const owner = { apiVersion: 'batch/v1', kind: 'Job', name, uid, controller: true };
    const spec = { ...(template as unknown as { spec: object }).spec, nodeName: NODE };
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: {
        name: `${name}-${randomBytes(3).toString('hex')}`,
        namespace,
        labels: { ...template.metadata.labels, 'job-name': name },
        ownerReferences: [owner],
      },
      spec,
    } as Pod;
    try {
      await this.#client.create(RESOURCE_TYPES.pods, pod);
    } catch (error) {
      if (!(error instanceof ForbiddenError)) throw error;
      await this.#tellRefusal(job, error);
      await sleep(RETRY_MS);
      this.#made.delete(uid);
      this.#onJob(this.#jobs.listBy(uid)[0]);
    }
  }

  /** As the Job controller does: an event of the older API. */
  async #tellRefusal({ metadata }: Job, error: Error): Promise<void> {
    const { name, namespace, uid } = metadata;
    await this.#client.create(CORE_EVENTS, {
      apiVersion: 'v1',
      kind: 'Event',
      metadata: { name: `${name}.${randomBytes(4).toString('hex')}`, namespace },
      involvedObject: { apiVersion: 'batch/v1', kind: 'Job', name, namespace, uid },
      reason: 'FailedCreate',
      message: `Error creating: ${error.message}`,
      type: 'Warning',
    } as KubeObject);
  }

  #do(work: () => Promise<unknown>): void {
    const done: Promise<void> = work()
      .then(() => undefined)
      .catch((error: unknown) => {
        // It may be gone by now.
        if (error instanceof NotFoundError) return;
        this.log.error('a Job was not played', { error: toError(error) });
      })
      .finally(() => this.#work.delete(done));
    this.#work.add(done);
  }
}

function ownerUid({ metadata }: Pod): string | undefined {
  const owner = metadata.ownerReferences?.[0];
  return owner?.['kind'] === 'Job' ? (owner['uid'] as string) : undefined;
}

/** In the form that the API server accepts: the verdict is announced before it is final. */
function endedStatus(isSuccess: boolean): object {
  const time = new Date().toISOString();
  const reason = isSuccess ? 'CompletionsReached' : 'BackoffLimitExceeded';
  const types = isSuccess ? ['SuccessCriteriaMet', 'Complete'] : ['FailureTarget', 'Failed'];
  const conditions = types.map((type) => {
    return { type, status: 'True', reason, lastProbeTime: time, lastTransitionTime: time };
  });
  const counts = isSuccess ? { succeeded: 1, completionTime: time } : { failed: 1 };
  return { startTime: time, active: 0, conditions, ...counts };
}
