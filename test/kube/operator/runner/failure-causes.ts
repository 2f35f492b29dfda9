import path from 'node:path';
import { expect } from 'chai';
import type { FailureType } from '../../../../crds/failure.ts';
import type { KubeClient } from '../../../../lib/kube/client.ts';
import type { KubeObject } from '../../../../lib/kube/objects.ts';
import { RESOURCE_TYPES, type ResourceType } from '../../../../lib/kube/resource-types.ts';
import { eventually } from '../../../support/eventually.ts';
import type { TestCluster } from '../../../support/kube/test-cluster.ts';

const MODULES = path.resolve(import.meta.dirname, 'modules');

const ADMISSION = 'admissionregistration.k8s.io';
const POLICIES = admissionType('validatingadmissionpolicies', 'ValidatingAdmissionPolicy');
const BINDINGS = admissionType(
  'validatingadmissionpolicybindings',
  'ValidatingAdmissionPolicyBinding',
);

/** A run that fails for a real reason. */
export interface FailureCause {
  title: string;
  type: FailureType;
  /** What a person needs to read. */
  text: RegExp;
  /** The object that the module makes; undefined for the module in `source`. */
  manifest?: (namespace: string) => object;
  source?: string;
  /** What the API server is told first. */
  prepare?: (client: KubeClient, namespace: string) => Promise<void>;
  /** As whom, and where; with all rights if left out. */
  environment?: (cluster: TestCluster) => Promise<Record<string, string>>;
}

/** Real causes of failures in Kubernetes, in modules and in providers. */
export const FAILURE_CAUSES: readonly FailureCause[] = [
  {
    title: 'the rights are missing',
    type: 'Credentials',
    text: /User "nobody-important" cannot \w+ resource "configmaps"/,
    manifest: configMap,
    environment: async (cluster) => ({
      KUBE_CONFIG_PATH: await cluster.controlPlane.writeKubeconfig('nobody', 'nobody-important'),
    }),
  },
  {
    title: 'the token is not known',
    type: 'Credentials',
    text: /the server has asked for the client to provide credentials/,
    manifest: configMap,
    environment: ({ controlPlane }) =>
      Promise.resolve({
        KUBE_LOAD_CONFIG_FILE: 'false',
        KUBE_INSECURE: 'true',
        KUBE_HOST: controlPlane.cluster.server,
        KUBE_TOKEN: 'a-token-that-nobody-issued',
      }),
  },
  {
    title: 'a quota is used up',
    type: 'Quota',
    text: /exceeded quota: compute/,
    manifest: configMap,
    prepare: useUpQuota,
  },
  {
    title: 'somebody else owns the field',
    type: 'Conflict',
    text: /conflict with "somebody-else"/,
    manifest: configMap,
    prepare: ownByAnother,
  },
  {
    title: 'an admission policy says no',
    type: 'Policy',
    text: /blue is not our colour/,
    manifest: configMap,
    prepare: forbidByPolicy,
  },
  {
    title: 'the pod security of the namespace says no',
    type: 'Policy',
    text: /violates PodSecurity "restricted/,
    manifest: carelessPod,
    prepare: restrictPods,
  },
  {
    title: 'nobody listens there',
    type: 'Transient',
    text: /connection refused/,
    manifest: configMap,
    environment: () =>
      Promise.resolve({ KUBE_LOAD_CONFIG_FILE: 'false', KUBE_HOST: 'https://127.0.0.1:1' }),
  },
  {
    title: 'the API server finds the object invalid',
    type: 'Configuration',
    text: /invalid|RFC 1123/i,
    manifest: (namespace) => ({ ...configMap(namespace), data: { 'not a key': 'x' } }),
  },
  {
    title: 'the module cannot be read',
    type: 'Configuration',
    text: /Unclosed configuration block|Argument or block definition required/,
    source: path.join(MODULES, 'broken'),
  },
  {
    title: 'there is no such module',
    type: 'Configuration',
    text: /Unreadable module directory|no such file or directory/,
    source: path.join(MODULES, 'nowhere'),
  },
  {
    title: 'there is no such provider',
    type: 'Configuration',
    text: /example\/missing/,
    source: path.join(MODULES, 'unknown-source'),
  },
];

function configMap(namespace: string): KubeObject & { data: Record<string, string> } {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'wanted', namespace },
    data: { color: 'blue' },
  };
}

function carelessPod(namespace: string): object {
  const container = { name: 'main', image: 'none' };
  const metadata = { name: 'wanted', namespace };
  return { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [container] } };
}

/** No controller counts here, so it is said what is used already. */
async function useUpQuota(client: KubeClient, namespace: string): Promise<void> {
  const hard = { 'count/configmaps': '1' };
  const metadata = { name: 'compute', namespace };
  const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata, spec: { hard } };
  await client.create(RESOURCE_TYPES.resourceQuotas, quota);
  const status = { hard, used: hard };
  await client.mergePatch(
    RESOURCE_TYPES.resourceQuotas,
    metadata,
    { status },
    {
      subresource: 'status',
    },
  );
}

async function ownByAnother(client: KubeClient, namespace: string): Promise<void> {
  const object = { ...configMap(namespace), data: { color: 'red' } };
  await client.apply(RESOURCE_TYPES.configMaps, object, { fieldManager: 'somebody-else' });
}

async function forbidByPolicy(client: KubeClient, namespace: string): Promise<void> {
  const rule = {
    apiGroups: [''],
    apiVersions: ['v1'],
    operations: ['*'],
    resources: ['configmaps'],
  };
  const policy = {
    apiVersion: `${ADMISSION}/v1`,
    kind: 'ValidatingAdmissionPolicy',
    metadata: { name: namespace },
    spec: {
      matchConstraints: {
        namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
        resourceRules: [rule],
      },
      validations: [{ expression: 'false', message: 'blue is not our colour' }],
    },
  };
  const binding = {
    apiVersion: `${ADMISSION}/v1`,
    kind: 'ValidatingAdmissionPolicyBinding',
    metadata: { name: namespace },
    spec: { policyName: namespace, validationActions: ['Deny'] },
  };
  await client.create(POLICIES, policy);
  await client.create(BINDINGS, binding);
  await awaitRefusal(client, namespace);
}

/** A policy works some moments after it was made. */
async function awaitRefusal(client: KubeClient, namespace: string): Promise<void> {
  let count = 0;
  await eventually(async () => {
    const metadata = { name: `probe-${count++}`, namespace };
    const probe = client.create(RESOURCE_TYPES.configMaps, { ...configMap(namespace), metadata });
    const answer: unknown = await probe.catch((error: unknown) => error);
    expect(answer).to.be.instanceOf(Error);
  });
}

async function restrictPods(client: KubeClient, namespace: string): Promise<void> {
  const labels = { 'pod-security.kubernetes.io/enforce': 'restricted' };
  const key = { name: namespace };
  await client.mergePatch(RESOURCE_TYPES.namespaces, key, { metadata: { labels } });
  const metadata = { name: 'default', namespace };
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata };
  await client.create(RESOURCE_TYPES.serviceAccounts, account);
}

function admissionType(plural: string, kind: string): ResourceType {
  return { group: ADMISSION, version: 'v1', plural, kind, namespaced: false };
}
