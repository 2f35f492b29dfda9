import { expect } from 'chai';
import { stringify } from 'yaml';
import { findCondition } from '../../crds/condition.ts';
import { RESOURCE_REQUESTS } from '../../crds/resource-types.ts';
import type { ResourceRequest } from '../../crds/resource-request.ts';
import { items, text, type Json } from '../../dev/demo/api-client.ts';
import { kubectl } from '../../dev/demo/kubectl.ts';
import { poll } from '../../dev/demo/poll.ts';
import { playApproval, waitForStatus } from '../../dev/demo/steps/requests.ts';
import { playTenancy } from '../../dev/demo/steps/tenancy.ts';
import type { StoryRequest, Tenancy } from '../../dev/demo/world.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import type { GitRepository } from '../support/argocd/git-server.ts';
import { SYSTEM_NAMESPACE } from '../support/chart/helm.ts';
import { readManifest, startArgocdWorld, type ArgocdWorld } from './argocd-world.ts';
import { makeAdministrator, readServiceUrl } from '../e2e/release-world.ts';
import { SyncWatch } from './sync-watch.ts';

const platform = 'quartermaster';
const team = 'acme-shop-requests';

describe('Argo CD, really running', function () {
  this.timeout(6 * 60_000);
  let test: ArgocdWorld;

  before('start a cluster, Argo CD and a Git server', async function () {
    this.timeout(25 * 60_000);
    test = await startArgocdWorld();
  });
  after(async function () {
    this.timeout(3 * 60_000);
    await test.stop();
  });

  describe('with the chart of this repository', () => {
    before(async () => {
      const own = { 'https://git.example.com/platform/quartermaster.git': test.platform.url };
      await kubectl(test.world.stage, ['create', 'namespace', SYSTEM_NAMESPACE]);
      await test.applications.apply(
        readManifest('project.yaml', own),
        readManifest('applications/development.yaml', own),
      );
    });

    it('brings it to Synced and Healthy', async () => {
      await test.applications.waitFor(platform, { health: 'Healthy' });
    });

    it('puts back what somebody changed or deleted by hand', async () => {
      const { stage, kube } = test.world;
      const inside = ['--namespace', SYSTEM_NAMESPACE];
      await kubectl(stage, ['scale', 'deployment/quartermaster-api', '--replicas=3', ...inside]);
      await kubectl(stage, ['delete', 'service/quartermaster-api', ...inside]);
      const api = { namespace: SYSTEM_NAMESPACE, name: 'quartermaster-api' };
      await poll(
        async () => {
          const service = await kube.get(RESOURCE_TYPES.services, api);
          const replicas = ['get', 'deployment', api.name, '--output=jsonpath={.spec.replicas}'];
          const seen = `${await kubectl(stage, [...replicas, ...inside])} replicas`;
          return service && seen === '1 replicas' ? { done: undefined } : { seen };
        },
        { what: 'the repair', timeoutSeconds: 60, signal: test.world.signal },
      );
      await test.applications.waitFor(platform, { health: 'Healthy' });
    });

    it('is still in sync after a second sync, and has changed no key', async () => {
      const keys = { namespace: SYSTEM_NAMESPACE, name: 'quartermaster-api-keys' };
      const before = await test.world.kube.get(RESOURCE_TYPES.secrets, keys);
      await test.applications.sync(platform);
      await test.applications.refresh(platform, 'hard');
      await test.applications.waitFor(platform, { health: 'Healthy' });
      const after = await test.world.kube.get(RESOURCE_TYPES.secrets, keys);
      expect(before).to.have.nested.property('data').that.is.not.empty;
      expect(after)
        .to.have.property('data')
        .that.deep.equals((before as { data?: object }).data);
    });
  });

  describe('with a team that files its requests by Git', () => {
    let tenancy: Tenancy;
    let repository: GitRepository;

    before(async () => {
      const { stage } = test.world;
      stage.apiUrl = await readServiceUrl(stage);
      await makeAdministrator(stage);
      tenancy = await playTenancy(test.world);
      await waitForNamespace();
      repository = await test.git.makeRepository('shop');
      const own = {
        'https://git.example.com/acme/shop.git': repository.url,
        'namespace: acme-shop': `namespace: ${tenancy.namespace}`,
      };
      await commit('orders', 'namespace', { pods: 5 });
      await test.applications.apply(
        readManifest('example-team/project.yaml', own),
        readManifest('example-team/application.yaml', own),
      );
    });

    /** The api makes the namespace of a project by itself, soon after the project. */
    async function waitForNamespace(): Promise<void> {
      const key = { name: tenancy.namespace };
      await poll(
        async () =>
          (await test.world.kube.get(RESOURCE_TYPES.namespaces, key))
            ? { done: undefined }
            : { seen: 'no namespace' },
        { what: 'the namespace', timeoutSeconds: 60, signal: test.world.signal },
      );
    }

    /** Commits a request as a team has it in Git, and tells Argo CD, as a webhook would. */
    async function commit(name: string, className: string, parameters: Json): Promise<string> {
      const manifest = {
        ...{ apiVersion: 'quartermaster.dev/v1alpha1', kind: 'ResourceRequest' },
        metadata: { name, namespace: tenancy.namespace },
        spec: { className, parameters, requestedBy: { id: 'team-shop', name: 'shop@example.com' } },
      };
      return repository.commit({ [`requests/${name}.yaml`]: stringify(manifest) });
    }

    async function findImported(name: string, wanted: Json): Promise<StoryRequest> {
      const path = '/resource-requests?limit=100';
      return poll(
        async () => {
          const { body } = await tenancy.approver.api.expect(200, 'GET', path);
          const found = items(body).find((item) => item['name'] === name);
          const fits = Object.entries(wanted).every(([field, value]) => found?.[field] === value);
          if (!found || !fits) return { seen: JSON.stringify(found) };
          return { done: { id: text(found, 'id'), name, etag: undefined } };
        },
        { what: `the import of ${name}`, timeoutSeconds: 30, signal: test.world.signal },
      );
    }

    /** Of a class without plans: the approval is of the revision that is shown. */
    async function approveUnplanned({ id }: StoryRequest): Promise<void> {
      const { api } = tenancy.approver;
      const path = `/resource-requests/${id}`;
      const { etag = '' } = await api.expect(200, 'GET', path);
      const headers = { 'if-match': etag };
      await api.expect(200, 'POST', `${path}/approve`, { body: {}, headers });
    }

    async function expectFulfilled(name: string, parameters: Json): Promise<void> {
      const key = { namespace: tenancy.namespace, name };
      const resource = await test.world.kube.get<ResourceRequest>(RESOURCE_REQUESTS, key);
      expect(resource?.spec.parameters).to.deep.equal(parameters);
      expect(findCondition(resource?.status?.conditions, 'Ready')).to.include({ status: 'True' });
    }

    /** The number of the revision that waits with these parameters. */
    async function waitForPendingChange(name: string, parameters: Json): Promise<number> {
      const { id } = await findImported(name, {});
      return poll(
        async () => {
          const { body } = await tenancy.approver.api.expect(
            200,
            'GET',
            `/resource-requests/${id}`,
          );
          const change = body['pending_change'] as { parameters: Json } | null;
          const waits = JSON.stringify(change?.parameters) === JSON.stringify(parameters);
          return waits
            ? { done: Number(body['pending_revision']) }
            : { seen: JSON.stringify(change) };
        },
        { what: `the change of ${name}`, timeoutSeconds: 30, signal: test.world.signal },
      );
    }

    it('shows a request that waits for its approval as Suspended', async () => {
      await test.applications.waitFor(team, { health: 'Suspended' });
      const message = await test.applications.waitForResource(team, 'orders', 'Suspended');
      expect(message).to.match(/approv/i);
    });

    it('is Healthy when an approver has said yes in the api, and never out of sync on the way', async () => {
      const watch = new SyncWatch(() => test.applications.read(team));
      const request = await findImported('orders', { origin: 'cluster', status: 'pending' });
      await playApproval(test.world, tenancy.approver, request);
      await waitForStatus(test.world, tenancy.developer, request, 'ready');
      await test.applications.waitFor(team, { health: 'Healthy' });
      await test.applications.refresh(team, 'hard');
      await test.applications.waitFor(team, { health: 'Healthy' });
      expect(await watch.stop()).to.deep.equal(['Synced']);
      await expectFulfilled('orders', { pods: 5 });
    });

    it('leaves the approval where it is when it syncs again', async () => {
      await test.applications.sync(team);
      await test.applications.waitFor(team, { health: 'Healthy' });
      await expectFulfilled('orders', { pods: 5 });
    });

    it('asks for an approval of what a commit changes; the next commit takes its place', async () => {
      const shown: number[] = [];
      for (const pods of [6, 7]) {
        const revision = await commit('orders', 'namespace', { pods });
        await test.applications.refresh(team);
        await test.applications.waitFor(team, { health: 'Suspended', revision });
        shown.push(await waitForPendingChange('orders', { pods }));
      }
      expect(shown[1]).to.be.above(shown[0] ?? Infinity);
      const request = await findImported('orders', { status: 'ready' });
      await playApproval(test.world, tenancy.approver, request);
      await test.applications.waitFor(team, { health: 'Healthy' });
      await expectFulfilled('orders', { pods: 7 });
    });

    it('shows one that failed as Degraded, with the reason', async () => {
      const revision = await commit('broken', 'trivial', { fail: true });
      await test.applications.refresh(team);
      await test.applications.waitFor(team, { health: 'Suspended', revision });
      await approveUnplanned(await findImported('broken', { status: 'pending' }));
      await test.applications.waitFor(team, { health: 'Degraded', revision });
      const message = await test.applications.waitForResource(team, 'broken', 'Degraded');
      expect(message).to.match(/run failed \(Configuration\)/);
      await test.applications.waitForResource(team, 'orders', 'Healthy');
    });

    it('takes away what was made when the file goes', async () => {
      const revision = await repository.commit({ 'requests/broken.yaml': null });
      await test.applications.refresh(team);
      await test.applications.waitFor(team, { health: 'Healthy', revision });
      const { namespace } = tenancy;
      const left = await test.world.kube.list(RESOURCE_REQUESTS, { namespace });
      expect(left.map(({ metadata }) => metadata.name)).to.deep.equal(['orders']);
    });
  });
});
