import { systemClock } from '../../../lib/clock.ts';
import { toError } from '../../../lib/errors.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import { NotFoundError } from '../../../lib/kube/errors.ts';
import { Informer } from '../../../lib/kube/informer.ts';
import { keyOf, type Secret } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { hasPodEnded } from '../../../operator/run/classify-end.ts';
import type { Pod } from '../../../operator/run/objects.ts';
import type { RunAccess } from '../../../operator/terraform/run-contract.ts';
import { eventually } from '../eventually.ts';
import { QuietLogger } from '../quiet-logger.ts';
import { podSpec, type PodProgram, type StartProgram } from './pod-program.ts';
import { endedStatus, runningStatus } from './pod-status.ts';

const BINDINGS = {
  group: '',
  version: 'v1',
  plural: 'bindings',
  kind: 'Binding',
  namespaced: true,
};
const NODE = 'played';
const SECRET_WAIT_MS = 60_000;

/** What {@link PodPlayer} needs. */
export interface PodPlayerOptions {
  client: KubeClient;
  namespace: string;
  /** What runs in the pods. */
  start: StartProgram;
}

/** A pod that is played. */
interface PlayedPod {
  pod: Pod;
  program: PodProgram | undefined;
  force: NodeJS.Timeout | undefined;
  isKilled: boolean;
}

/**
 * A stand-in for scheduler and kubelet that only plays pods: it binds them to a node that does not
 * exist, waits for their Secret as a kubelet does, runs a program for each, and says in the status
 * how it stands. A pod that is deleted gets SIGTERM, after its grace period SIGKILL, and goes then.
 */
export class PodPlayer {
  readonly log = new QuietLogger();
  readonly #options: PodPlayerOptions;
  readonly #pods: Informer<Pod>;
  readonly #played = new Map<string, PlayedPod>();
  readonly #work = new Set<Promise<void>>();
  #isStopping = false;
  /** How many programs were started so far. */
  started = 0;

  constructor(options: PodPlayerOptions) {
    this.#options = options;
    this.#pods = new Informer<Pod>({
      client: options.client,
      namespace: options.namespace,
      type: RESOURCE_TYPES.pods,
      clock: systemClock,
      log: this.log,
      onChange: (key) => this.#onChange(this.#pods.get(key)),
      onDelete: (pod) => this.#kill(pod),
    });
  }

  /** Begins; resolves when the pods that are there were seen. */
  async start(): Promise<void> {
    this.#pods.start();
    await this.#pods.synced();
  }

  /** Pods whose program runs now, by name. */
  get running(): string[] {
    return [...this.#played.values()]
      .filter(({ program }) => program !== undefined)
      .map(({ pod }) => pod.metadata.name);
  }

  /** Sends a signal to the program of a pod, as if somebody did so on the node. */
  signal(podName: string, signal: 'SIGTERM' | 'SIGKILL'): void {
    const found = [...this.#played.values()].find(({ pod }) => pod.metadata.name === podName);
    found?.program?.kill(signal);
  }

  /** Kills every program and plays no more. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    await this.#pods.stop();
    for (const { pod } of this.#played.values()) this.#kill(pod);
    await Promise.all(this.#work);
  }

  #onChange(pod: Pod | undefined): void {
    const uid = pod?.metadata.uid;
    if (pod === undefined || uid === undefined || this.#isStopping) return;
    const played = this.#played.get(uid);
    if (pod.metadata.deletionTimestamp !== undefined) {
      if (played) this.#terminate(played);
      else this.#do(async () => this.#remove(pod));
    } else if (played === undefined && !hasPodEnded(pod)) {
      const entry: PlayedPod = { pod, program: undefined, force: undefined, isKilled: false };
      this.#played.set(uid, entry);
      this.#do(() => this.#play(entry));
    }
  }

  #do(work: () => Promise<unknown>): void {
    const done: Promise<void> = work()
      .then(() => undefined)
      .catch((error: unknown) => {
        // It may be gone by now: removed by force, or with its namespace.
        if (this.#isStopping || error instanceof NotFoundError) return;
        this.log.error('a pod could not be played', { error: toError(error) });
      })
      .finally(() => this.#work.delete(done));
    this.#work.add(done);
  }

  async #play(entry: PlayedPod): Promise<void> {
    const { pod } = entry;
    try {
      await this.#bind(pod);
      const task = {
        pod,
        access: await this.#readAccess(entry),
        environment: await this.#readEnvironment(pod),
      };
      await this.#write(pod, runningStatus(pod));
      if (entry.isKilled) return;
      entry.program = this.#options.start(task);
      this.started += 1;
      if (this.#pods.get(keyOf(pod))?.metadata.deletionTimestamp) this.#terminate(entry);
      const end = await entry.program.exited;
      if (!this.#isStopping) await this.#write(pod, endedStatus(pod, end));
    } finally {
      clearTimeout(entry.force);
      this.#played.delete(pod.metadata.uid ?? '');
      const current = this.#pods.get(keyOf(pod));
      if (current?.metadata.deletionTimestamp && !this.#isStopping) await this.#remove(pod);
    }
  }

  async #bind(pod: Pod): Promise<void> {
    if (podSpec(pod).nodeName !== undefined) return;
    const { name, namespace } = pod.metadata;
    const target = { apiVersion: 'v1', kind: 'Node', name: NODE };
    const binding = { apiVersion: 'v1', kind: 'Binding', metadata: { name, namespace }, target };
    await this.#options.client.create(BINDINGS, binding);
  }

  /** A pod waits for the Secret that it mounts. */
  async #readAccess(entry: PlayedPod): Promise<RunAccess> {
    const name = podSpec(entry.pod).volumes?.find(({ secret }) => secret)?.secret?.secretName ?? '';
    const secret = await eventually(async () => {
      const found = await this.#readSecret(name);
      if (!found && !entry.isKilled) throw new Error(`no Secret ${name}`);
      return found;
    }, SECRET_WAIT_MS);
    return JSON.parse(
      Buffer.from(secret?.data?.['run.json'] ?? '', 'base64').toString(),
    ) as RunAccess;
  }

  async #readEnvironment(pod: Pod): Promise<Record<string, string>> {
    const names = podSpec(pod).containers.flatMap(({ envFrom = [] }) =>
      envFrom.flatMap(({ secretRef }) => secretRef?.name ?? []),
    );
    const secrets = await Promise.all(names.map((name) => this.#readSecret(name)));
    const entries = secrets.flatMap((secret) => Object.entries(secret?.data ?? {}));
    return Object.fromEntries(
      entries.map(([name, value]) => [name, Buffer.from(value, 'base64').toString()]),
    );
  }

  #readSecret(name: string): Promise<Secret | undefined> {
    const { client, namespace } = this.#options;
    return client.get<Secret>(RESOURCE_TYPES.secrets, { namespace, name });
  }

  #terminate(entry: PlayedPod): void {
    if (entry.force !== undefined) return;
    const { terminationGracePeriodSeconds = 30 } = podSpec(entry.pod);
    entry.program?.kill('SIGTERM');
    entry.force = setTimeout(() => this.#kill(entry.pod), terminationGracePeriodSeconds * 1000);
  }

  #kill(pod: Pod): void {
    const entry = this.#played.get(pod.metadata.uid ?? '');
    if (entry === undefined) return;
    entry.isKilled = true;
    entry.program?.kill('SIGKILL');
  }

  /** What has ended or was never bound goes at once. */
  async #remove(pod: Pod): Promise<void> {
    const { client } = this.#options;
    const options = { uid: pod.metadata.uid, gracePeriodSeconds: 0 };
    await client.delete(RESOURCE_TYPES.pods, pod.metadata, options);
  }

  async #write(pod: Pod, status: object): Promise<void> {
    const { client } = this.#options;
    const options = { subresource: 'status' } as const;
    await client.mergePatch(RESOURCE_TYPES.pods, pod.metadata, { status }, options);
  }
}
