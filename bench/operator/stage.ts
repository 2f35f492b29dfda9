import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parse } from 'yaml';
import { createApprovalSigner, type ApprovalSigner } from '../../api/approvals/approval-signer.ts';
import { approvalKey } from '../../api/auth/key-set.ts';
import { loadKeySet } from '../../api/auth/key-store.ts';
import { SecretKeyStore } from '../../api/auth/secret-key-store.ts';
import { findCondition } from '../../crds/condition.ts';
import { API_VERSION } from '../../crds/constants.ts';
import {
  resourceClassSpecSchema,
  type ResourceClass,
  type ResourceClassSpec,
} from '../../crds/resource-class.ts';
import type { ResourceRequest } from '../../crds/resource-request.ts';
import { RESOURCE_CLASSES, RESOURCE_REQUESTS } from '../../crds/resource-types.ts';
import { writeServiceAccountKubeconfig } from '../../dev/kubernetes/service-account-kubeconfig.ts';
import { waitFor } from '../../dev/processes/wait-for.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { createKubeClient } from '../../lib/kube/create-kube-client.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { startTestSession } from '../../dev/testing/test-session.ts';
import { openProject, PLATFORM } from './open-project.ts';

const CLASS_FILE = path.resolve(import.meta.dirname, '../../test/support/classes/trivial.yaml');

/** A project on a cluster where the operator works, and a class that needs no infrastructure. */
export class Stage {
  readonly client: KubeClient;
  readonly namespace: string;
  /** With the rights of the api: nobody else may write an approval. */
  readonly #relay: KubeClient;
  readonly classSpec: ResourceClassSpec;
  readonly #className: string;
  readonly #signer: ApprovalSigner;

  private constructor(
    clients: { client: KubeClient; relay: KubeClient },
    namespace: string,
    signer: ApprovalSigner,
    { metadata, spec }: ResourceClass,
  ) {
    this.client = clients.client;
    this.#relay = clients.relay;
    this.namespace = namespace;
    this.#signer = signer;
    this.#className = metadata.name;
    this.classSpec = resourceClassSpecSchema.parse(spec);
  }

  /**
   * Makes the namespace as the relay does, and the class as a platform engineer does.
   *
   * @param preview whether requests of the class are planned before they are approved
   */
  static async open(
    kubeconfig: string,
    projectSlug: string,
    preview: 'Required' | 'Skipped' = 'Skipped',
  ): Promise<Stage> {
    const client = createKubeClient({ kubeconfig, maxInFlight: 100 });
    const keys = await loadKeySet(new SecretKeyStore(client, PLATFORM.system));
    const namespace = await openProject(client, projectSlug);
    const written = await client.apply<ResourceClass>(RESOURCE_CLASSES, readClass(preview), {
      fieldManager: 'quartermaster-bench',
      force: true,
    });
    const signer = createApprovalSigner(() => approvalKey(keys));
    const relay = await openRelay(kubeconfig);
    return new Stage({ client, relay }, namespace, signer, written);
  }

  /**
   * A request with the approval that the api would put in.
   *
   * @param plan digest of the plan that is approved, where the class shows one
   */
  async build(
    name: string,
    parameters: Record<string, unknown> = {},
    plan?: string,
  ): Promise<ResourceRequest> {
    const { namespace, classSpec } = this;
    const { token } = await this.#signer.sign(
      { classSpec, namespace, name, parameters, plan },
      { approver: { id: 'bench', email: 'bench@example.com' }, id: randomUUID(), now: new Date() },
    );
    const request = this.buildUnapproved(name, parameters);
    return { ...request, spec: { ...request.spec, approval: token } };
  }

  /** A request that nobody has approved. */
  buildUnapproved(name: string, parameters: Record<string, unknown> = {}): ResourceRequest {
    return {
      apiVersion: API_VERSION,
      kind: 'ResourceRequest',
      metadata: { name, namespace: this.namespace },
      spec: { className: this.#className, parameters },
    };
  }

  /** Digest of the plan that a request waits with; undefined where it has none. */
  async readPlanDigest(name: string): Promise<string | undefined> {
    const key = { namespace: this.namespace, name };
    return (await this.client.get<ResourceRequest>(RESOURCE_REQUESTS, key))?.status?.plan?.digest;
  }

  /** Waits until the operator offers the class. */
  async awaitClass(): Promise<void> {
    const key = { name: this.#className };
    const isReady = async (): Promise<boolean> => {
      const found = await this.client.get<ResourceClass>(RESOURCE_CLASSES, key);
      return findCondition(found?.status?.conditions, 'Ready')?.status === 'True';
    };
    await waitFor(isReady, { what: `the class ${this.#className} to be usable` });
  }

  /** Waits until the pods of all runs have gone. */
  async awaitNoPods(): Promise<void> {
    const { runs: namespace } = PLATFORM;
    const isEmpty = async (): Promise<boolean> =>
      (await this.client.list(RESOURCE_TYPES.pods, { namespace })).length === 0;
    await waitFor(isEmpty, { what: 'the pods of runs to go' });
  }

  /** Applies a request as the relay does. */
  apply(request: ResourceRequest): Promise<ResourceRequest> {
    const options = { fieldManager: 'quartermaster-api', force: true };
    return this.#relay.apply(RESOURCE_REQUESTS, request, options);
  }

  delete(name: string): Promise<boolean> {
    return this.client.delete(RESOURCE_REQUESTS, { namespace: this.namespace, name });
  }
}

function readClass(preview: 'Required' | 'Skipped'): ResourceClass {
  const { metadata, spec, ...rest } = parse(readFileSync(CLASS_FILE, 'utf8')) as ResourceClass;
  const name = preview === 'Required' ? `${metadata.name}-planned` : metadata.name;
  const approval = { ...spec.approval, preview };
  return { ...rest, metadata: { ...metadata, name }, spec: { ...spec, approval } };
}

/** A client that the API server takes for the api. */
async function openRelay(kubeconfig: string): Promise<KubeClient> {
  const file = path.join(startTestSession().makeDirectory('relay'), 'kubeconfig');
  const account = { namespace: PLATFORM.system, serviceAccount: 'quartermaster-api' };
  await writeServiceAccountKubeconfig(kubeconfig, account, file);
  return createKubeClient({ kubeconfig: file, maxInFlight: 100 });
}
