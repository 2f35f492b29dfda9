import { expect } from 'chai';
import { createApprovalSigner } from '../../../api/approvals/approval-signer.ts';
import { approvalKey } from '../../../api/auth/key-set.ts';
import { ImportNotes } from '../../../api/sync/import/import-notes.ts';
import { ResourceImport } from '../../../api/sync/import/resource-import.ts';
import { RequestMirror } from '../../../api/sync/mirror/request-mirror.ts';
import { PlanMirror } from '../../../api/sync/plans/plan-mirror.ts';
import { createPlanReader } from '../../../api/sync/plans/plan-reader.ts';
import { ProjectNamespaces } from '../../../api/sync/relay/project-namespaces.ts';
import type { Relay } from '../../../api/sync/relay/relay.ts';
import { FINALIZER } from '../../../crds/constants.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import { RESOURCE_REQUESTS } from '../../../crds/resource-types.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import { createKubeClient } from '../../../lib/kube/create-kube-client.ts';
import { buildTeam, type Team } from '../../support/api/people.ts';
import { startTestApi, type TestApi, unique } from '../../support/api/test-api.ts';
import { eventually } from '../../support/eventually.ts';
import { FaultProxy, type Fault } from '../../support/kube/fault-proxy.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';
import { catalogueOf, ordinaryClasses } from '../../support/requests/class-objects.ts';
import { startLoneRelay } from '../../support/requests/lone-relay.ts';
import { setFinalizers } from '../../support/requests/operator-stand-in.ts';
import { makeApproved, REQUESTS, type Shown } from '../../support/requests/requests.ts';
import { PLATFORM, preparePlatform } from '../../support/requests/synced-api.ts';

/** Relay and mirror each by itself: what one of them missed, the other does not make good. */
describe('a request whose resource goes without anybody seeing it', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  let api: TestApi;
  let team: Team;
  let proxy: FaultProxy;
  let client: KubeClient;
  let relay: Relay;
  before(async () => {
    await preparePlatform(cluster.client);
    api = await startTestApi({ classes: catalogueOf(ordinaryClasses()) });
    proxy = await FaultProxy.start(cluster.controlPlane);
    client = createKubeClient({ kubeconfig: proxy.writeKubeconfig() });
    relay = startLoneRelay(api, client);
    team = await buildTeam(api);
  });
  after(async () => {
    await relay.stop();
    await client.close();
    await Promise.all([proxy.stop(), api.close()]);
  });
  afterEach(() => {
    proxy.decide = () => undefined;
  });

  const find = (key: Shown['resource']): Promise<ResourceRequest | undefined> =>
    cluster.client.get<ResourceRequest>(RESOURCE_REQUESTS, key!);
  const appeared = ({ resource }: Shown): Promise<ResourceRequest> =>
    eventually(async () => {
      const found = await find(resource);
      if (!found) throw new Error('not there yet');
      return found;
    });
  const statusOf = async (name: string): Promise<string | undefined> => {
    const { body } = await team.readOnly.client.get<{ items: Shown[] }>(REQUESTS);
    return body.items.find((shown) => shown.name === name)?.status;
  };
  const ends = ({ name }: Shown): Promise<Chai.Assertion> =>
    eventually(async () => expect(await statusOf(name)).to.equal('deleted'), 30_000);
  const claimedTasks = (key: string): Promise<number> =>
    api.deps.database.withSystem('test', async (trx) => {
      const open = trx('outbox').where({ key, done_at: null });
      const rows = await open.whereNotNull('claimed_until').pluck('id');
      return rows.length;
    });

  it('is over once the relay looks at what it ordered to be deleted', async () => {
    const made = await makeApproved(team);
    await appeared(made);
    await setFinalizers(cluster.client, made.resource!, [FINALIZER]);
    await team.developer.client.delete(`${REQUESTS}/${made.id}`);
    await eventually(async () => {
      expect((await find(made.resource))?.metadata.deletionTimestamp).to.be.a('string');
      expect(await claimedTasks(made.id)).to.equal(0);
    });
    expect(await statusOf(made.name)).to.equal('deleting');
    await setFinalizers(cluster.client, made.resource!, []);
    await ends(made);
  });

  it('is over where the resource went before the relay knew that it had been made', async () => {
    const answer = Promise.withResolvers<undefined>();
    const isApply = (url: URL): boolean =>
      url.pathname.includes('/resourcerequests/') && url.searchParams.has('fieldManager');
    const held: Fault = { kind: 'held', until: answer.promise };
    proxy.decide = ({ url }) => (isApply(url) ? held : undefined);
    const made = await makeApproved(team);
    await appeared(made);
    await cluster.client.delete(RESOURCE_REQUESTS, made.resource!);
    proxy.decide = () => undefined;
    answer.resolve(undefined);
    await ends(made);
  });

  it('is over where a resource of the cluster went while its request was made', async () => {
    const name = unique('c').slice(0, 40);
    const key = { namespace: team.namespace, name };
    const resource: ResourceRequest = {
      ...{ apiVersion: 'quartermaster.dev/v1alpha1', kind: 'ResourceRequest' },
      metadata: { ...key, uid: 'of-one-that-is-gone', resourceVersion: '1', generation: 1 },
      spec: { className: 'trivial', parameters: { text: 'git' } },
    };
    // What a cache answers when the resource goes between two looks.
    const looks = [resource];
    await mirrorOf({ get: () => looks.shift() }).mirror(`${key.namespace}/${key.name}`);
    expect(await statusOf(name)).to.equal('deleted');
  });

  /** A mirror over a cache that the test plays. */
  function mirrorOf(resources: { get(): ResourceRequest | undefined }): RequestMirror {
    const { database, classes, clock, log, keys } = api.deps;
    const kube = cluster.client;
    const namespaces = new ProjectNamespaces({ client: kube, clock, platform: PLATFORM });
    const notes = new ImportNotes({ client: kube, log });
    const approvals = createApprovalSigner(() => approvalKey(keys));
    const readPlan = createPlanReader(kube, PLATFORM.runs);
    return new RequestMirror({
      ...{ database, classes, log, resources },
      imports: new ResourceImport({ database, classes, namespaces, notes, log }),
      plans: new PlanMirror({ database, classes, clock, approvals, readPlan }),
    });
  }
});
