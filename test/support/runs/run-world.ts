import { randomUUID } from 'node:crypto';
import path from 'node:path';
import { API_VERSION, LABELS } from '../../../crds/constants.ts';
import { resourceClassSpecSchema, type ResourceClassSpec } from '../../../crds/resource-class.ts';
import type { RunAction } from '../../../crds/resource-request.ts';
import type { ResourceRun } from '../../../crds/resource-run.ts';
import { RESOURCE_RUNS } from '../../../crds/resource-types.ts';
import { systemClock } from '../../../lib/clock.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { ensureRevision } from '../../../operator/class/revision.ts';
import { openRunAccess, type RunAccessIssuer } from '../../../operator/run-api/run-access.ts';
import { startRunApi, type RunningRunApi } from '../../../operator/run-api/server.ts';
import { openStores, type Stores } from '../../../operator/state/stores.ts';
import { QuietLogger } from '../quiet-logger.ts';

/** A class around the module that needs nothing. */
export const trivialClass: ResourceClassSpec = resourceClassSpecSchema.parse({
  title: 'Trivial',
  module: { source: path.resolve(import.meta.dirname, '../modules/trivial') },
  parameters: {
    type: 'object',
    additionalProperties: false,
    properties: {
      text: { type: 'string', maxLength: 100, default: 'hello' },
      seconds: { type: 'integer', minimum: 0, default: 0 },
      fail: { type: 'boolean', default: false },
    },
  },
  variables: { name: '${request.name}' },
  generated: { password: { length: 32 } },
  outputs: { credentials: ['id', 'text', 'password'], public: ['id', 'text'] },
});

/** A request, as far as runs know it. */
export interface FakeRequest {
  uid: string;
  namespace: string;
  name: string;
}

/** What a run is made from; everything has a default. */
export interface RunOptions {
  action?: RunAction;
  attempt?: number;
  parameters?: Record<string, unknown>;
  classSpec?: ResourceClassSpec;
  inputsDigest?: string;
  /** Of a Plan: that of a destruction. */
  destroys?: boolean;
  /** The plan that an Apply or a Destroy is bound to. */
  planDigest?: string | undefined;
}

/** A run API with its stores, in front of a real API server. */
export class RunWorld {
  readonly client: KubeClient;
  readonly namespace: string;
  readonly stores: Stores;
  readonly access: RunAccessIssuer;
  readonly log: QuietLogger;
  /** What the run API believes that it has seen of runs, by their names. */
  readonly remembered: Map<string, ResourceRun>;
  #api: RunningRunApi;

  private constructor(options: {
    client: KubeClient;
    namespace: string;
    stores: Stores;
    access: RunAccessIssuer;
    api: RunningRunApi;
    log: QuietLogger;
    remembered: Map<string, ResourceRun>;
  }) {
    this.client = options.client;
    this.namespace = options.namespace;
    this.stores = options.stores;
    this.access = options.access;
    this.log = options.log;
    this.remembered = options.remembered;
    this.#api = options.api;
  }

  /** @param namespace the runs namespace */
  static async open(client: KubeClient, namespace: string): Promise<RunWorld> {
    const common = { client, namespace, clock: systemClock };
    const log = new QuietLogger();
    const stores = await openStores(common);
    const { tokens, server } = await openRunAccess({ ...common, url: 'https://127.0.0.1' });
    const remembered = new Map<string, ResourceRun>();
    const recallRun = (name: string): ResourceRun | undefined => remembered.get(name);
    const listening = { host: '127.0.0.1', port: 0, server };
    const api = await startRunApi({ ...common, ...listening, stores, tokens, log, recallRun });
    const url = `https://127.0.0.1:${api.address.port}`;
    const access = await openRunAccess({ ...common, url });
    return new RunWorld({ client, namespace, stores, access, api, log, remembered });
  }

  /** A request in a project's namespace. */
  async createRequest(): Promise<FakeRequest> {
    const namespace = `acme-${randomUUID().slice(0, 8)}`;
    const labels = { [LABELS.organization]: 'acme', [LABELS.project]: 'shop' };
    const object = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels } };
    await this.client.create(RESOURCE_TYPES.namespaces, object);
    return { uid: randomUUID(), namespace, name: 'orders' };
  }

  /** A run of a request, as the request controller would make it. */
  async createRun(request: FakeRequest, options: RunOptions = {}): Promise<ResourceRun> {
    const { action = 'Apply', attempt = 1, parameters, classSpec = trivialClass } = options;
    const { planDigest, destroys } = options;
    const revision = await ensureRevision(this.client, this.namespace, 'trivial', classSpec);
    return this.client.create<ResourceRun>(RESOURCE_RUNS, {
      apiVersion: API_VERSION,
      kind: 'ResourceRun',
      metadata: {
        namespace: this.namespace,
        name: `run-${randomUUID().slice(0, 13)}`,
        labels: { [LABELS.requestUid]: request.uid },
      },
      spec: {
        requestRef: request,
        action,
        attempt,
        classRevision: revision,
        parameters,
        inputsDigest: options.inputsDigest ?? 'sha256:test',
        ...(planDigest === undefined ? {} : { planDigest }),
        ...(destroys === undefined ? {} : { destroys }),
      },
    });
  }

  /** A run as it stands now. */
  async readRun(run: ResourceRun): Promise<ResourceRun> {
    const found = await this.client.get<ResourceRun>(RESOURCE_RUNS, run.metadata);
    if (found === undefined) throw new Error('the run is gone');
    return found;
  }

  /** Takes the run API away, as when the operator restarts; call what it gives to bring it back. */
  async interrupt(): Promise<() => Promise<void>> {
    const { client, namespace, stores, log, access } = this;
    const { address } = this.#api;
    await this.#api.close();
    return async () => {
      const { tokens, server } = access;
      const common = { client, namespace, stores, log, clock: systemClock };
      this.#api = await startRunApi({ ...common, ...address, tokens, server });
    };
  }

  close(): Promise<void> {
    return this.#api.close();
  }
}
