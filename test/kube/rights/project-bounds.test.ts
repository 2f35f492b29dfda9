import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { readApiConfig } from '../../../api/config.ts';
import {
  BOUNDS_NAME,
  readProjectBounds,
  type ProjectBoundsSettings,
} from '../../../api/sync/relay/build-project-bounds.ts';
import type { ProjectNamespace } from '../../../api/sync/relay/build-project-namespace.ts';
import { ProjectNamespaces } from '../../../api/sync/relay/project-namespaces.ts';
import { ForeignNamespaceError } from '../../../api/sync/relay/relay-errors.ts';
import { parseManifests } from '../../../dev/kubernetes/apply-manifests.ts';
import { typeOfManifest } from '../../../dev/kubernetes/manifest-types.ts';
import { checkoutDirectory } from '../../../dev/paths.ts';
import { systemClock } from '../../../lib/clock.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import { createKubeClient } from '../../../lib/kube/create-kube-client.ts';
import { ForbiddenError } from '../../../lib/kube/errors.ts';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { unique } from '../../support/api/test-api.ts';
import { eventually } from '../../support/eventually.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';
import { rejection } from '../../support/rejection.ts';
import { PLATFORM } from '../../support/requests/synced-api.ts';

const API = `system:serviceaccount:${PLATFORM.system}:quartermaster-api`;
const BOUNDS = [RESOURCE_TYPES.resourceQuotas, RESOURCE_TYPES.networkPolicies];

interface Quota extends KubeObject {
  spec: { hard: Record<string, string> };
}

interface Policy extends KubeObject {
  spec: { policyTypes: string[]; podSelector: object; ingress: { from: object[] }[] };
}

describe('the bounds of a project, made with the rights that the api has', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  const defaults = readProjectBounds(
    readApiConfig({ DATABASE_URL: 'postgres://a', SYSTEM_DATABASE_URL: 'postgres://b' }),
  );
  let client: KubeClient;

  before('be the api, with its roles and nothing else', async () => {
    const file = path.join(checkoutDirectory, 'dev', 'kubernetes', 'manifests', 'access.yaml');
    const options = { fieldManager: 'quartermaster-test', force: true };
    for (const object of parseManifests(readFileSync(file, 'utf8'))) {
      if (!object.kind.startsWith('ClusterRole')) continue;
      await cluster.client.apply(typeOfManifest(object), object, options);
    }
    // An account of that name as a certificate would name it.
    const kubeconfig = await cluster.controlPlane.writeKubeconfig('project-bounds', API);
    client = createKubeClient({ kubeconfig });
    await eventually(async () => client.list(RESOURCE_TYPES.namespaces));
  });
  after(() => client.close());

  function namespacesWith(bounds: ProjectBoundsSettings): ProjectNamespaces {
    const platform = { ...PLATFORM, bounds };
    return new ProjectNamespaces({ client, platform, clock: systemClock });
  }

  function newProject(): ProjectNamespace {
    return { namespace: unique('acme-shop'), organizationSlug: 'acme', projectSlug: 'shop' };
  }

  async function makeProject(bounds = defaults): Promise<ProjectNamespace> {
    const project = newProject();
    await namespacesWith(bounds).apply(project);
    return project;
  }

  const readQuota = ({ namespace }: ProjectNamespace): Promise<Quota | undefined> =>
    cluster.client.get<Quota>(RESOURCE_TYPES.resourceQuotas, { namespace, name: BOUNDS_NAME });
  const readPolicy = ({ namespace }: ProjectNamespace): Promise<Policy | undefined> =>
    cluster.client.get<Policy>(RESOURCE_TYPES.networkPolicies, { namespace, name: BOUNDS_NAME });

  it('are not made in a namespace that is somebody else’s', async () => {
    const project = { ...newProject(), namespace: await cluster.createNamespace() };
    const error = await rejection(namespacesWith(defaults).apply(project));
    expect(error).to.be.instanceOf(ForeignNamespaceError);
    expect(await readQuota(project)).to.equal(undefined);
    expect(await readPolicy(project)).to.equal(undefined);
  });

  it('cannot be written by the api outside the namespaces of projects', async () => {
    const namespace = await cluster.createNamespace();
    for (const type of BOUNDS) {
      const read = client.get(type, { namespace, name: BOUNDS_NAME });
      expect(await rejection(read)).to.be.instanceOf(ForbiddenError);
    }
  });

  it('cannot be taken away by the api, nor listed across the cluster', async () => {
    const { namespace } = await makeProject();
    for (const type of BOUNDS) {
      const removal = client.delete(type, { namespace, name: BOUNDS_NAME });
      expect(await rejection(removal)).to.be.instanceOf(ForbiddenError);
      expect(await rejection(client.list(type))).to.be.instanceOf(ForbiddenError);
    }
  });

  it('come with the namespace: a quota, and a policy that lets in the own namespace only', async () => {
    const project = await makeProject();
    expect((await readQuota(project))?.spec.hard).to.deep.equal(defaults.quota);
    expect((await readPolicy(project))?.spec).to.deep.equal({
      podSelector: {},
      policyTypes: ['Ingress'],
      ingress: [{ from: [{ podSelector: {} }] }],
    });
  });

  it('let in the namespaces that the settings name', async () => {
    const project = await makeProject({ ...defaults, ingressFrom: ['ingress-nginx'] });
    const policy = await readPolicy(project);
    expect(policy?.spec.ingress[0]?.from[1]).to.deep.equal({
      namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': 'ingress-nginx' } },
    });
  });

  it('are left out where the settings want none', async () => {
    const project = await makeProject({ ...defaults, quota: {}, isolated: false });
    expect(await readQuota(project)).to.equal(undefined);
    expect(await readPolicy(project)).to.equal(undefined);
  });

  it('come to namespaces that were there before, and the second look writes nothing', async () => {
    const project = await makeProject({ ...defaults, quota: {}, isolated: false });
    const namespaces = namespacesWith(defaults);
    expect(await namespaces.bound(project)).to.equal(true);
    expect((await readQuota(project))?.spec.hard).to.deep.equal(defaults.quota);
    expect(await namespaces.bound(project)).to.equal(false);
  });

  it('follow the settings as long as nobody has changed them', async () => {
    const project = await makeProject();
    const settings = { ...defaults, quota: { pods: '7' }, ingressFrom: ['monitoring'] };
    expect(await namespacesWith(settings).bound(project)).to.equal(true);
    expect((await readQuota(project))?.spec.hard).to.deep.equal({ pods: '7' });
    expect((await readPolicy(project))?.spec.ingress[0]?.from).to.have.length(2);
  });

  it('stay as people have changed them, whatever the settings say later', async () => {
    const project = await makeProject();
    const key = { namespace: project.namespace, name: BOUNDS_NAME };
    const change = { spec: { hard: { pods: '500' } } };
    await cluster.client.mergePatch(RESOURCE_TYPES.resourceQuotas, key, change);
    expect(await namespacesWith(defaults).bound(project)).to.equal(false);
    const settings = { ...defaults, quota: { pods: '7' } };
    expect(await namespacesWith(settings).bound(project)).to.equal(false);
    expect((await readQuota(project))?.spec.hard).to.deep.equal({ ...defaults.quota, pods: '500' });
  });

  it('come back where they were deleted', async () => {
    const project = await makeProject();
    for (const type of BOUNDS) {
      await cluster.client.delete(type, { namespace: project.namespace, name: BOUNDS_NAME });
    }
    expect(await namespacesWith(defaults).bound(project)).to.equal(true);
    expect(await readQuota(project)).not.to.equal(undefined);
    expect(await readPolicy(project)).not.to.equal(undefined);
  });
});
