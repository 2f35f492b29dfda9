import path from 'node:path';
import { deletionDigest } from '../../../crds/approval.ts';
import { findCondition } from '../../../crds/condition.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import type { ResourceRun } from '../../../crds/resource-run.ts';
import type { ConfigMap } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { eventually } from '../eventually.ts';
import { useTestCluster, type TestCluster } from '../kube/test-cluster.ts';
import { databaseClass, OperatorWorld, type WrittenClass } from '../operator/operator-world.ts';
import { RealPods } from '../pods/real-pods.ts';

/** How long a run of the real engine may take on a busy machine. */
export const PATIENCE_MS = 90_000;

/** What a class of {@link GuardedThings} says of its own. */
export interface GuardedClass {
  /** Besides that people are asked about a deletion, and about nothing else. */
  approval?: object;
  /** Of a module other than the one that makes a ConfigMap in a color. */
  source?: string;
  variables?: Record<string, string>;
  /** Credentials of what the module makes. */
  credentials?: string[];
}

/** How {@link GuardedThings} are started where that differs. */
export interface GuardedThingsOptions {
  /** Jobs need no stand-in for their controller. */
  hasControllers?: boolean;
  /** Starts an operator other than the one in this process. */
  startOperator?: (world: OperatorWorld) => Promise<void>;
}

/**
 * Requests for things whose deletion needs an approval, each one ConfigMap, by way of a real operator
 * and engine. Started and ended with the tests around it.
 */
export class GuardedThings {
  world!: OperatorWorld;
  readonly #pods = new RealPods();

  async start(cluster: TestCluster, options: GuardedThingsOptions = {}): Promise<void> {
    this.world = await OperatorWorld.prepare(cluster);
    await (options.startOperator?.(this.world) ?? this.world.startOperator());
    await this.#pods.start(cluster, this.world, options);
  }

  async stop(): Promise<void> {
    await this.#pods.stop();
    await this.world.stop();
  }

  /** A class whose requests make one ConfigMap without asking, and ask before it goes; its name. */
  async createClass(name: string, guarded: GuardedClass = {}): Promise<string> {
    const color = path.resolve(import.meta.dirname, '../modules/kubernetes-color');
    const { approval, source = color, variables, credentials } = guarded;
    const spec: WrittenClass = {
      ...databaseClass,
      module: { source },
      parameters: {
        type: 'object',
        additionalProperties: false,
        properties: { color: { type: 'string', maxLength: 20, default: 'blue' } },
      },
      variables: { namespace: '${request.namespace}', name: '${request.name}', ...variables },
      outputs: { ...(credentials && { credentials }) },
      binding: credentials && { type: 'thing' },
      approval: { mode: 'Automatic', onDelete: 'Manual', ...approval },
    };
    return (await this.world.createClass(name, spec)).metadata.name;
  }

  async makeReady(name: string, className: string): Promise<ResourceRequest> {
    await this.world.createRequest(name, { className });
    return this.awaitReady(name);
  }

  awaitReady(name: string): Promise<ResourceRequest> {
    return this.#awaitRequest(name, ({ status }) => {
      return findCondition(status?.conditions, 'Ready')?.status === 'True';
    });
  }

  /** Waits until a plan of the destruction waits for its approval, other than one that is known. */
  awaitPlan(name: string, unlike?: string): Promise<ResourceRequest> {
    return this.#awaitRequest(name, ({ metadata, status }) => {
      const digest = status?.plan?.digest;
      return metadata.deletionTimestamp !== undefined && digest !== undefined && digest !== unlike;
    });
  }

  /** Waits until a request is not Ready, for a reason. */
  awaitReason(name: string, reason: string): Promise<ResourceRequest> {
    return this.#awaitRequest(name, (request) => reasonOf(request) === reason);
  }

  #awaitRequest(
    name: string,
    isSo: (request: ResourceRequest) => boolean,
  ): Promise<ResourceRequest> {
    return eventually(async () => {
      const request = await this.world.request(name);
      if (isSo(request)) return request;
      throw new Error(JSON.stringify([request.status, this.world.problems()], null, 1));
    }, PATIENCE_MS);
  }

  /** Waits until a request is gone with everything of it; what destroys it is a real run. */
  async awaitGone({ metadata: { name, uid = '' } }: ResourceRequest): Promise<void> {
    await eventually(async () => {
      const found = await this.world.findRequest(name);
      if (found) throw new Error(JSON.stringify([found.status, this.world.problems()], null, 1));
    }, PATIENCE_MS);
    await this.world.awaitGone(name, uid);
  }

  /** @param namespace of things that are not made beside their request */
  findThing(
    name: string,
    namespace = this.world.namespaces.project,
  ): Promise<ConfigMap | undefined> {
    const key = { namespace, name: `${name}-thing` };
    return this.world.client.get<ConfigMap>(RESOURCE_TYPES.configMaps, key);
  }

  async destroyRuns(name: string): Promise<ResourceRun[]> {
    return (await this.world.runs(name)).filter(({ spec }) => spec.action === 'Destroy');
  }

  /** The approval of the deletion of a request, as the api signs it. */
  signDeletion(request: ResourceRequest, plan?: string): Promise<string> {
    const { namespace = '', name, uid = '' } = request.metadata;
    const inputs = deletionDigest({ namespace, name, uid });
    const claims = { request: `${namespace}/${name}`, class: 'none', inputs };
    return this.world.approver.sign({ ...claims, ...(plan && { plan }) });
  }

  async put(name: string, approval: string): Promise<void> {
    await this.world.patch(name, { spec: { approval } });
  }

  /** Signs an approval of the plan that a request shows, and puts it in. */
  async approveShown(request: ResourceRequest): Promise<void> {
    const approval = await this.signDeletion(request, request.status?.plan?.digest);
    await this.put(request.metadata.name, approval);
  }
}

/** Why a request is not Ready. */
export function reasonOf(request: ResourceRequest): string | undefined {
  return findCondition(request.status?.conditions, 'Ready')?.reason;
}

/** Guarded things for the tests of a suite, with a test cluster. */
export function useGuardedThings(): GuardedThings {
  const cluster = useTestCluster();
  const things = new GuardedThings();
  before('start the operator and the stand-in for the kubelet', async function () {
    this.timeout(15 * 60_000);
    await things.start(cluster);
  });
  after(() => things.stop());
  return things;
}
