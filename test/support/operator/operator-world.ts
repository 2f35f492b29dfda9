import { randomBytes } from 'node:crypto';
import { classDigest, inputsDigest, type ApprovalClaims } from '../../../crds/approval.ts';
import { findCondition, type Condition } from '../../../crds/condition.ts';
import { API_VERSION } from '../../../crds/constants.ts';
import { resourceClassSpecSchema, type ResourceClass } from '../../../crds/resource-class.ts';
import type { ResourceRequest, ResourceRequestSpec } from '../../../crds/resource-request.ts';
import type { ResourceRun } from '../../../crds/resource-run.ts';
import {
  RESOURCE_CLASSES,
  RESOURCE_REQUESTS,
  RESOURCE_RUNS,
} from '../../../crds/resource-types.ts';
import { systemClock } from '../../../lib/clock.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import { EventRecorder } from '../../../lib/kube/event-recorder.ts';
import type { Secret } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { readOperatorConfig } from '../../../operator/config.ts';
import { Operator } from '../../../operator/operator.ts';
import { RevisionCache } from '../../../operator/revision-cache.ts';
import { openRunAccess } from '../../../operator/run-api/run-access.ts';
import { startRunApi } from '../../../operator/run-api/server.ts';
import type { ReportedResult } from '../../../operator/run-api/run-result.ts';
import { openStores } from '../../../operator/state/stores.ts';
import { findFreePort } from '../../../dev/processes/free-port.ts';
import { eventually } from '../eventually.ts';
import type { TestCluster } from '../kube/test-cluster.ts';
import { QuietLogger } from '../quiet-logger.ts';
import { playRunner, type PlayedResult } from './fake-runner.ts';
import { clearClasses, clearRequests } from '../kube/clear-requests.ts';
import { TestApprover } from './test-approver.ts';

/** The spec of a class as its author writes it. */
export type WrittenClass = Record<string, unknown>;

/** A class with a parameter, credentials, a public output and manual approval. */
export const databaseClass: WrittenClass = {
  title: 'Database',
  module: { source: './catalog/modules/postgres' },
  parameters: {
    type: 'object',
    additionalProperties: false,
    properties: { size: { type: 'integer', minimum: 1, maximum: 10, default: 1 } },
  },
  outputs: { credentials: ['password', { from: 'address', as: 'host' }], public: ['address'] },
  binding: { type: 'postgresql' },
  approval: { preview: 'Skipped' },
};

const SUCCESS: ReportedResult = {
  outcome: 'succeeded',
  outputs: { values: { password: 'pa55word-of-the-test', address: 'db.local' }, sensitive: [] },
  changes: { add: 1, change: 0, destroy: 0 },
};

interface RunningOperator {
  stop(): Promise<void>;
}

/** A running operator with namespaces of its own, and the hands of everybody around it. */
export class OperatorWorld {
  readonly client: KubeClient;
  readonly approver: TestApprover;
  readonly log = new QuietLogger();
  readonly namespaces: { system: string; runs: string; project: string };
  readonly suffix = randomBytes(3).toString('hex');
  readonly #environment: Record<string, string>;
  #running: RunningOperator | undefined;

  private constructor(
    client: KubeClient,
    approver: TestApprover,
    namespaces: OperatorWorld['namespaces'],
    environment: Record<string, string>,
  ) {
    this.client = client;
    this.approver = approver;
    this.namespaces = namespaces;
    this.#environment = environment;
  }

  /** Makes the namespaces and the keys, and starts the operator. */
  static async start(
    cluster: TestCluster,
    settings: Record<string, string> = {},
  ): Promise<OperatorWorld> {
    const world = await OperatorWorld.prepare(cluster, settings);
    await world.startOperator();
    return world;
  }

  /** As {@link start}, for an operator that runs elsewhere. */
  static async prepare(
    cluster: TestCluster,
    settings: Record<string, string> = {},
  ): Promise<OperatorWorld> {
    await clearRequests(cluster.client);
    await clearClasses(cluster.client);
    const [system, runs, project] = await Promise.all([
      cluster.createNamespace(),
      cluster.createNamespace(),
      cluster.createNamespace(),
    ]);
    const approver = await TestApprover.create();
    await approver.publish(cluster.client, system);
    return new OperatorWorld(
      cluster.client,
      approver,
      { system, runs, project },
      {
        SYSTEM_NAMESPACE: system,
        RUNS_NAMESPACE: runs,
        RUN_API_HOST: '127.0.0.1',
        RUN_API_PORT: String(await findFreePort('127.0.0.1')),
        ...settings,
      },
    );
  }

  /** The environment that a process of the operator would have. */
  get environment(): Record<string, string> {
    return this.#environment;
  }

  /** Starts the operator (again): with nothing but what stands in the cluster. */
  async startOperator(): Promise<void> {
    const config = readOperatorConfig(this.#environment);
    const { client, log } = this;
    const base = { client, clock: systemClock, namespace: config.RUNS_NAMESPACE };
    const stores = await openStores(base);
    const access = await openRunAccess({ ...base, url: config.RUN_API_URL });
    const events = new EventRecorder({
      client,
      log,
      clock: systemClock,
      controller: 'quartermaster.dev/operator',
      instance: 'test',
    });
    const revisions = new RevisionCache(client, config.RUNS_NAMESPACE);
    const deps = { client, clock: systemClock, log, events, stores, access, revisions };
    const operator = new Operator(config, deps);
    const runApi = await startRunApi({
      ...base,
      stores,
      log,
      tokens: access.tokens,
      server: access.server,
      host: config.RUN_API_HOST,
      port: config.RUN_API_PORT,
    });
    await operator.watch();
    operator.work();
    this.#running = {
      stop: async () => {
        await operator.stop();
        await runApi.close();
        await events.flush();
      },
    };
  }

  async stopOperator(): Promise<void> {
    await this.#running?.stop();
    this.#running = undefined;
  }

  /** Ends everything, and takes away what the next operator would otherwise work on. */
  async stop(): Promise<void> {
    await this.stopOperator();
    const requests = await this.client.list<ResourceRequest>(RESOURCE_REQUESTS, {
      namespace: this.namespaces.project,
    });
    for (const { metadata } of requests) {
      await this.client.mergePatch(RESOURCE_REQUESTS, metadata, { metadata: { finalizers: null } });
      await this.client.delete(RESOURCE_REQUESTS, metadata);
    }
  }

  /** Installs a class and waits until it is offered or refused; its full name is unique. */
  async createClass(name: string, spec: WrittenClass = databaseClass): Promise<ResourceClass> {
    const metadata = { name: `${name}-${this.suffix}` };
    await this.client.create(RESOURCE_CLASSES, {
      apiVersion: API_VERSION,
      kind: 'ResourceClass',
      metadata,
      spec,
    } as never);
    return eventually(async () => {
      const found = await this.client.get<ResourceClass>(RESOURCE_CLASSES, metadata);
      if (!findCondition(found?.status?.conditions, 'Ready')) throw new Error('not looked at');
      return found!;
    });
  }

  async createRequest(name: string, spec: ResourceRequestSpec): Promise<ResourceRequest> {
    return this.client.create<ResourceRequest>(RESOURCE_REQUESTS, {
      apiVersion: API_VERSION,
      kind: 'ResourceRequest',
      metadata: { name, namespace: this.namespaces.project },
      spec,
    });
  }

  /** Signs an approval of what the request asks for now, and puts it in. */
  async approve(name: string, claims: Partial<ApprovalClaims> = {}): Promise<string> {
    const approval = await this.signFor(await this.request(name), claims);
    await this.patch(name, { spec: { approval } });
    return approval;
  }

  /** An approval of what a request asks for now. */
  async signFor(request: ResourceRequest, claims: Partial<ApprovalClaims> = {}): Promise<string> {
    const key = { name: request.spec.className };
    const found = await this.client.get<ResourceClass>(RESOURCE_CLASSES, key);
    const digest = classDigest(resourceClassSpecSchema.parse(found!.spec));
    const { name, namespace = '' } = request.metadata;
    const { parameters, deletionPolicy } = request.spec;
    const inputs = { classDigest: digest, namespace, name, parameters, deletionPolicy };
    return this.approver.sign({
      request: `${namespace}/${name}`,
      class: digest,
      inputs: inputsDigest(inputs),
      ...claims,
    });
  }

  async request(name: string): Promise<ResourceRequest> {
    const found = await this.findRequest(name);
    if (!found) throw new Error(`no request ${name}`);
    return found;
  }

  findRequest(name: string): Promise<ResourceRequest | undefined> {
    const key = { namespace: this.namespaces.project, name };
    return this.client.get<ResourceRequest>(RESOURCE_REQUESTS, key);
  }

  patch(name: string, patch: object): Promise<ResourceRequest> {
    const key = { namespace: this.namespaces.project, name };
    return this.client.mergePatch<ResourceRequest>(RESOURCE_REQUESTS, key, patch);
  }

  delete(name: string): Promise<boolean> {
    return this.client.delete(RESOURCE_REQUESTS, { namespace: this.namespaces.project, name });
  }

  /** Waits until a condition says this; for the generation that stands. */
  awaitCondition(
    name: string,
    type: string,
    expected: Partial<Pick<Condition, 'status' | 'reason'>>,
  ): Promise<ResourceRequest> {
    return eventually(async () => {
      const request = await this.request(name);
      const condition = findCondition(request.status?.conditions, type);
      const isCurrent = condition?.observedGeneration === request.metadata.generation;
      const isSo = Object.entries(expected).every(
        ([field, value]) => condition?.[field as 'reason'] === value,
      );
      if (!isCurrent || !isSo) {
        throw new Error(
          `${name}: ${JSON.stringify(request.status, null, 1)}\n${JSON.stringify(this.problems(), null, 1)}`,
        );
      }
      return request;
    });
  }

  /** Log lines above info. */
  problems(): unknown[] {
    return this.log.lines.filter(({ level }) => level === 'warn' || level === 'error');
  }

  /** The runs of a request, by name. */
  async runs(name: string): Promise<ResourceRun[]> {
    const all = await this.client.list<ResourceRun>(RESOURCE_RUNS, {
      namespace: this.namespaces.runs,
    });
    return all.filter(({ spec }) => spec.requestRef.name === name);
  }

  /** Waits for the run in progress and plays its runner. */
  async finishRun(name: string, result: PlayedResult = SUCCESS): Promise<string> {
    const run = await eventually(async () => {
      const current = (await this.request(name)).status?.run?.name;
      if (current === undefined) {
        throw new Error(`${name} has no run: ${JSON.stringify(this.problems())}`);
      }
      return current;
    });
    await playRunner(this.client, { namespace: this.namespaces.runs, name: run }, result);
    return run;
  }

  /** A request that is approved, applied and ready. */
  async makeReady(name: string, className: string): Promise<ResourceRequest> {
    await this.createRequest(name, { className });
    await this.approve(name);
    await this.finishRun(name);
    return this.awaitCondition(name, 'Ready', { status: 'True', reason: 'Available' });
  }

  secret(name: string): Promise<Secret | undefined> {
    return this.client.get<Secret>(RESOURCE_TYPES.secrets, {
      namespace: this.namespaces.project,
      name: `${name}-credentials`,
    });
  }

  /** Names of everything in the runs namespace that carries the uid of a request. */
  async leftovers(uid: string): Promise<string[]> {
    const { secrets, leases, jobs, configMaps } = RESOURCE_TYPES;
    const lists = await Promise.all(
      [secrets, leases, jobs, configMaps, RESOURCE_RUNS].map((type) =>
        this.client.list(type, {
          namespace: this.namespaces.runs,
          labelSelector: `quartermaster.dev/request-uid=${uid}`,
        }),
      ),
    );
    return lists.flat().map(({ kind, metadata }) => `${kind} ${metadata.name}`);
  }

  /** Waits until a request and everything of it is gone. */
  awaitGone(name: string, uid: string): Promise<void> {
    return eventually(async () => {
      const found = await this.findRequest(name);
      if (found?.metadata.uid === uid) {
        throw new Error(
          `still there: ${JSON.stringify(found, null, 1)} ${JSON.stringify(this.problems(), null, 1)}`,
        );
      }
      const left = await this.leftovers(uid);
      if (left.length > 0) throw new Error(`left: ${left.join(', ')}`);
    });
  }
}
