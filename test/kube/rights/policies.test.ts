import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import { RESOURCE_REQUESTS, RESOURCE_RUNS } from '../../../crds/resource-types.ts';
import { parseManifests } from '../../../dev/kubernetes/apply-manifests.ts';
import { typeOfManifest } from '../../../dev/kubernetes/manifest-types.ts';
import { checkoutDirectory } from '../../../dev/paths.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import { createKubeClient } from '../../../lib/kube/create-kube-client.ts';
import { ForbiddenError } from '../../../lib/kube/errors.ts';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { eventually } from '../../support/eventually.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';
import { rejection } from '../../support/rejection.ts';

const API = 'system:serviceaccount:quartermaster-system:quartermaster-api';
const OPERATOR = 'system:serviceaccount:quartermaster-system:quartermaster-operator';
const FORCE = { fieldManager: 'quartermaster-test', force: true };

function readManifest(name: string): KubeObject[] {
  const file = path.join(checkoutDirectory, 'dev', 'kubernetes', 'manifests', name);
  return parseManifests(readFileSync(file, 'utf8'));
}

describe('what RBAC cannot say, on a real API server', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  const clients: KubeClient[] = [];
  let namespace: string;
  let policies: KubeObject[];
  let tenant: KubeClient;
  let gitOps: KubeClient;
  let api: KubeClient;
  let operator: KubeClient;

  before('install the policies, for one namespace alone', async () => {
    namespace = await cluster.createNamespace();
    policies = readManifest('policies.yaml').map((object) => boundTo(object, namespace));
    for (const object of policies) {
      await cluster.client.apply(typeOfManifest(object), object, FORCE);
    }
    const roles = readManifest('access.yaml').filter(({ metadata }) =>
      metadata.name.startsWith('quartermaster-tenant-'),
    );
    for (const role of roles) await cluster.client.apply(RESOURCE_TYPES.clusterRoles, role, FORCE);
    [tenant, gitOps, api, operator] = [
      await connectAs('tenant'),
      await connectAs('gitops'),
      await connectAs(API),
      await connectAs(OPERATOR),
    ];
    await grantRuns();
  });
  after(async () => {
    await Promise.all(clients.map((client) => client.close()));
    for (const object of policies.toReversed()) {
      await cluster.client.delete(typeOfManifest(object), object.metadata);
    }
  });

  /** The binding of a policy, for the objects of one namespace: others use this API server too. */
  function boundTo(object: KubeObject, name: string): KubeObject {
    if (object.kind !== 'ValidatingAdmissionPolicyBinding') return object;
    const matchLabels = { 'kubernetes.io/metadata.name': name };
    const spec = (object as KubeObject & { spec: object }).spec;
    const matchResources = { namespaceSelector: { matchLabels } };
    return { ...object, spec: { ...spec, matchResources } } as KubeObject;
  }

  /** Somebody with what the roles for tenants give, and no more. */
  async function connectAs(user: string): Promise<KubeClient> {
    const short = user.split(':').at(-1) ?? user;
    for (const role of ['quartermaster-tenant-view', 'quartermaster-tenant-edit']) {
      await bind(`${short}-${role}`, 'ClusterRole', role, user);
    }
    const file = `policies-${short}`;
    const kubeconfig = await cluster.controlPlane.writeKubeconfig(file, user);
    const client = createKubeClient({ kubeconfig });
    clients.push(client);
    return client;
  }

  async function bind(name: string, kind: string, role: string, user: string): Promise<void> {
    const apiGroup = 'rbac.authorization.k8s.io';
    const binding = {
      apiVersion: `${apiGroup}/v1`,
      kind: 'RoleBinding',
      metadata: { name, namespace },
      roleRef: { apiGroup, kind, name: role },
      subjects: [{ kind: 'User', apiGroup, name: user }],
    };
    await cluster.client.apply(RESOURCE_TYPES.roleBindings, binding, FORCE);
  }

  /** More than they have: what refuses below is the policy, not a missing right. */
  async function grantRuns(): Promise<void> {
    const rules = [
      {
        ...{ apiGroups: ['quartermaster.dev'], resources: ['resourceruns'] },
        verbs: ['create', 'patch', 'delete'],
      },
    ];
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', rules };
    const metadata = { name: 'runs', namespace };
    await cluster.client.apply(RESOURCE_TYPES.roles, { ...role, metadata }, FORCE);
    for (const user of [API, OPERATOR]) {
      await bind(`runs-${user.split(':').at(-1)}`, 'Role', 'runs', user);
    }
  }

  function request(name: string, spec: Record<string, unknown> = {}): KubeObject {
    return {
      apiVersion: 'quartermaster.dev/v1alpha1',
      kind: 'ResourceRequest',
      metadata: { name, namespace },
      spec: { className: 'postgres', parameters: {}, ...spec },
    } as KubeObject;
  }

  function run(name: string, action: string): KubeObject {
    return {
      apiVersion: 'quartermaster.dev/v1alpha1',
      kind: 'ResourceRun',
      metadata: { name, namespace },
      spec: {
        requestRef: { namespace, name: 'orders', uid: 'b2c5' },
        action,
        attempt: 1,
        classRevision: 'postgres-0123456789',
        parameters: {},
        inputsDigest: `sha256:${'0'.repeat(64)}`,
      },
    } as KubeObject;
  }

  const approvalOf = async (name: string): Promise<string | undefined> =>
    (await cluster.client.get<ResourceRequest>(RESOURCE_REQUESTS, { namespace, name }))?.spec
      .approval;

  it('refuses an approval that a tenant with the role "edit" brings along', async () => {
    // A policy is in force a moment after it was made.
    await eventually(async () => {
      const error = await rejection(
        tenant.create(RESOURCE_REQUESTS, request(`forged-${Date.now()}`, { approval: 'a.b.c' })),
      );
      expect(error).to.be.instanceOf(ForbiddenError);
      expect(error.message).to.include('spec.approval is written by the api');
    }, 20_000);
  });

  it('lets a tenant file, change and delete a request without an approval', async () => {
    await tenant.create(RESOURCE_REQUESTS, request('mine'));
    await tenant.mergePatch(
      RESOURCE_REQUESTS,
      { namespace, name: 'mine' },
      {
        spec: { parameters: { storage_gib: 2 } },
      },
    );
    expect(await tenant.delete(RESOURCE_REQUESTS, { namespace, name: 'mine' })).to.equal(true);
  });

  describe('with a request that the api has approved', () => {
    before(async () => {
      await gitOps.apply(RESOURCE_REQUESTS, request('orders'), { fieldManager: 'argocd' });
      await api.apply(RESOURCE_REQUESTS, request('orders', { approval: 'from.the.api' }), {
        ...{ fieldManager: 'quartermaster-api', force: true },
      });
    });

    it('has the approval of the api', async () => {
      expect(await approvalOf('orders')).to.equal('from.the.api');
    });

    it('lets GitOps apply what is in Git again, and the approval stays', async () => {
      const changed = request('orders', { parameters: { storage_gib: 3 } });
      await gitOps.apply(RESOURCE_REQUESTS, changed, { fieldManager: 'argocd', force: true });
      expect(await approvalOf('orders')).to.equal('from.the.api');
    });

    it('lets the operator write what is not the approval', async () => {
      const finalizers = ['quartermaster.dev/deprovision'];
      const key = { namespace, name: 'orders' };
      await operator.mergePatch(RESOURCE_REQUESTS, key, { metadata: { finalizers } });
      expect(await approvalOf('orders')).to.equal('from.the.api');
      await operator.mergePatch(RESOURCE_REQUESTS, key, { metadata: { finalizers: null } });
    });

    for (const [what, approval] of Object.entries({ another: 'x.y.z', none: null })) {
      it(`refuses ${what} in its place from anybody else, even the operator`, async () => {
        const key = { namespace, name: 'orders' };
        for (const client of [tenant, gitOps, operator, cluster.client]) {
          const write = client.mergePatch(RESOURCE_REQUESTS, key, { spec: { approval } });
          expect(await rejection(write)).to.be.instanceOf(ForbiddenError);
        }
        expect(await approvalOf('orders')).to.equal('from.the.api');
      });
    }
  });

  for (const action of ['Apply', 'Destroy', 'Check']) {
    it(`refuses a run of the action ${action} from the api`, async () => {
      await eventually(async () => {
        const name = `${action.toLowerCase()}-${Date.now()}`;
        const error = await rejection(api.create(RESOURCE_RUNS, run(name, action)));
        expect(error).to.be.instanceOf(ForbiddenError);
        expect(error.message).to.include('the api may ask for plans');
      }, 20_000);
    });
  }

  it('lets the api ask for a plan, which it cannot turn into something else', async () => {
    await api.create(RESOURCE_RUNS, run('plan', 'Plan'));
    const relabel = { metadata: { labels: { 'quartermaster.dev/component': 'other' } } };
    const change = api.mergePatch(RESOURCE_RUNS, { namespace, name: 'plan' }, relabel);
    expect(await rejection(change)).to.be.instanceOf(ForbiddenError);
  });

  it('leaves the runs of the operator to the operator', async () => {
    await operator.create(RESOURCE_RUNS, run('by-the-operator', 'Apply'));
    const key = { namespace, name: 'by-the-operator' };
    expect(await rejection(api.delete(RESOURCE_RUNS, key))).to.be.instanceOf(ForbiddenError);
  });

  it('lets the api delete a plan that nobody wants any more', async () => {
    await operator.create(RESOURCE_RUNS, run('unwanted', 'Plan'));
    expect(await api.delete(RESOURCE_RUNS, { namespace, name: 'unwanted' })).to.equal(true);
  });
});
