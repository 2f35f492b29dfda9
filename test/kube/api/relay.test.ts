import { expect } from 'chai';
import {
  approvalClaimsSchema,
  APPROVAL_TYPE,
  classDigest,
  inputsDigest,
} from '../../../crds/approval.ts';
import { APPROVAL_KEYS, FINALIZER, PROJECT_ROLES } from '../../../crds/constants.ts';
import { resourceClassSchema } from '../../../crds/resource-class.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import { RESOURCE_CLASSES, RESOURCE_REQUESTS } from '../../../crds/resource-types.ts';
import { BOUNDS_NAME, readProjectBounds } from '../../../api/sync/relay/build-project-bounds.ts';
import type { RoleBinding } from '../../../api/sync/relay/build-project-namespace.ts';
import { ProjectNamespaces } from '../../../api/sync/relay/project-namespaces.ts';
import { ProjectRights } from '../../../api/sync/project-rights.ts';
import { enqueueRequest } from '../../../api/commands/approve-revision.ts';
import { systemClock } from '../../../lib/clock.ts';
import { verifyJws } from '../../../lib/jws.ts';
import type { ConfigMap, KubeObject } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { buildTeam, type Team } from '../../support/api/people.ts';
import { eventually } from '../../support/eventually.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';
import { setFinalizers } from '../../support/requests/operator-stand-in.ts';
import {
  approve,
  makeApproved,
  makeRequest,
  REQUESTS,
  type Shown,
} from '../../support/requests/requests.ts';
import { PLATFORM, startSyncedApi, type SyncedApi } from '../../support/requests/synced-api.ts';

describe('the relay on a real API server', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  let api: SyncedApi;
  let team: Team;
  before(async () => {
    api = await startSyncedApi(cluster);
    team = await buildTeam(api);
  });
  after(() => api.close());

  const find = (shown: Shown): Promise<ResourceRequest | undefined> =>
    api.kube.get<ResourceRequest>(RESOURCE_REQUESTS, shown.resource!);
  const appeared = (shown: Shown): Promise<ResourceRequest> =>
    eventually(async () => {
      const resource = await find(shown);
      if (!resource) throw new Error(`${shown.name} is not there`);
      return resource;
    });
  const show = async (id: string): Promise<Shown> =>
    (await team.readOnly.client.get<Shown>(`${REQUESTS}/${id}`)).body;
  const becomes = (id: string, status: string): Promise<Shown> =>
    eventually(async () => {
      const shown = await show(id);
      expect(shown.status, JSON.stringify(shown.failure)).to.equal(status);
      return shown;
    });
  const openTasks = async (key: string): Promise<number> =>
    api.deps.database.withSystem('test', async (trx) => {
      const rows = await trx('outbox').where({ key, done_at: null, dead: false }).pluck('id');
      return rows.length;
    });
  const isDrained = (key: string): Promise<Chai.Assertion> =>
    eventually(async () => expect(await openTasks(key)).to.equal(0));
  const replay = (id: string): Promise<void> =>
    api.deps.database.withSystem('test', (trx) =>
      enqueueRequest(trx, { id, organization_id: team.organizationId }),
    );

  it('publishes the public keys of approvals, and nothing private', async () => {
    const key = { namespace: PLATFORM.system, name: APPROVAL_KEYS.configMap };
    const published = await eventually(async () => {
      const found = await api.kube.get<ConfigMap>(RESOURCE_TYPES.configMaps, key);
      if (!found) throw new Error('not published yet');
      return JSON.parse(found.data?.[APPROVAL_KEYS.dataKey] ?? '') as { keys: object[] };
    });
    expect(published.keys).to.have.length(1);
    expect(published.keys[0]).to.include.keys('kid', 'x').and.not.have.property('d');
  });

  it('makes the namespace of a project, with the rights of the platform in it', async () => {
    await eventually(async () => {
      const bindings = await api.kube.list(RESOURCE_TYPES.roleBindings, {
        namespace: team.namespace,
      });
      const names = bindings.map(({ metadata }) => metadata.name);
      expect(names).to.have.members(Object.values(PROJECT_ROLES));
    });
    const namespace = await api.kube.get(RESOURCE_TYPES.namespaces, { name: team.namespace });
    expect(namespace?.metadata.labels).to.include({
      'quartermaster.dev/organization': team.organizationSlug,
      'quartermaster.dev/project': 'shop',
    });
  });

  it('gives rights beside the application to the accounts that need them, never to all that run', async () => {
    const bindings = await api.kube.list<RoleBinding>(RESOURCE_TYPES.roleBindings, {
      namespace: team.namespace,
    });
    const runner = bindings.find(({ metadata }) => metadata.name === PROJECT_ROLES.runner);
    expect(runner?.subjects).to.deep.equal([
      { kind: 'ServiceAccount', name: 'quartermaster-class-postgres', namespace: PLATFORM.runs },
    ]);
  });

  it('puts rights right that a release before this one gave, and leaves the others alone', async () => {
    const key = { namespace: team.namespace, name: PROJECT_ROLES.runner };
    const all = { kind: 'Group', apiGroup: 'rbac.authorization.k8s.io', name: 'system:all' };
    await api.kube.mergePatch(RESOURCE_TYPES.roleBindings, key, { subjects: [all] });
    const namespaces = new ProjectNamespaces({
      ...{ client: api.kube, platform: PLATFORM, clock: systemClock },
    });
    const { database, log } = api.deps;
    const rights = new ProjectRights({
      ...{ database, log, namespaces, client: api.kube, platform: PLATFORM },
    });
    expect(await rights.compare()).to.deep.equal([team.namespace]);
    const repaired = await api.kube.get<RoleBinding>(RESOURCE_TYPES.roleBindings, key);
    expect(repaired?.subjects.map(({ kind }) => kind)).to.deep.equal(['ServiceAccount']);
    expect(await rights.compare()).to.deep.equal([]);
  });

  it('bounds the namespace of a project, and again where somebody has taken that away', async () => {
    const { database, log, config } = api.deps;
    const platform = { ...PLATFORM, bounds: readProjectBounds(config) };
    const namespaces = new ProjectNamespaces({ client: api.kube, platform, clock: systemClock });
    const rights = new ProjectRights({ database, log, namespaces, client: api.kube, platform });
    const key = { namespace: team.namespace, name: BOUNDS_NAME };
    for (const type of [RESOURCE_TYPES.resourceQuotas, RESOURCE_TYPES.networkPolicies]) {
      expect(await api.kube.delete(type, key), type.kind).to.equal(true);
      expect(await rights.compare()).to.deep.equal([team.namespace]);
      expect(await api.kube.get(type, key), type.kind).not.to.equal(undefined);
    }
    expect(await rights.compare()).to.deep.equal([]);
  });

  it('never takes over a namespace that exists, and says so on the request', async () => {
    const path = `/api/v1/orgs/${team.organizationId}/projects`;
    const name = `${team.organizationSlug}-taken`;
    const foreign = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
    await api.kube.create(RESOURCE_TYPES.namespaces, foreign);
    const project = await team.admin.client.post<{ id: string }>(path, {
      ...{ name: 'Taken', slug: 'taken' },
    });
    const made = await team.admin.client.post<Shown>(REQUESTS, {
      ...{ project_id: project.body.id, class_name: 'scratch', name: 'one' },
    });
    const shown = await becomes(made.body.id, 'failed');
    expect(shown.failure?.type).to.equal('Conflict');
    const found = await api.kube.get<KubeObject>(RESOURCE_TYPES.namespaces, { name });
    expect(found?.metadata.labels).not.to.have.property('quartermaster.dev/project');
    expect(await find(made.body)).to.equal(undefined);
  });

  it('carries an approval over, bound to the class and the inputs as the operator sees them', async () => {
    const shown = await makeApproved(team, { parameters: { text: 'signed', seconds: 2 } });
    const resource = await appeared(shown);
    const keys = { keys: [] as never[] };
    const { data } = (await api.kube.get<ConfigMap>(RESOURCE_TYPES.configMaps, {
      ...{ namespace: PLATFORM.system, name: APPROVAL_KEYS.configMap },
    }))!;
    Object.assign(keys, JSON.parse(data![APPROVAL_KEYS.dataKey]!));
    const claims = approvalClaimsSchema.parse(
      await verifyJws(resource.spec.approval!, keys, APPROVAL_TYPE),
    );
    const object = await api.kube.get(RESOURCE_CLASSES, { name: resource.spec.className });
    const digest = classDigest(resourceClassSchema.parse(object).spec);
    expect(claims).to.include({
      class: digest,
      request: `${shown.resource!.namespace}/${shown.resource!.name}`,
      inputs: inputsDigest({
        classDigest: digest,
        namespace: resource.metadata.namespace!,
        name: resource.metadata.name,
        parameters: resource.spec.parameters,
        deletionPolicy: resource.spec.deletionPolicy,
      }),
    });
    expect(resource.spec.requestedBy).to.deep.equal({
      id: team.developer.id,
      name: team.developer.email,
    });
  });

  it('applies a change only when it is approved', async () => {
    const shown = await makeApproved(team);
    const first = await appeared(shown);
    await team.developer.client.patch(`${REQUESTS}/${shown.id}`, { parameters: { text: 'new' } });
    await replay(shown.id);
    await isDrained(shown.id);
    expect((await find(shown))?.spec).to.deep.equal(first.spec);
    await approve(team.approver.client, shown.id);
    const changed = await eventually(async () => {
      const resource = await find(shown);
      expect(resource?.spec.parameters).to.deep.equal({ text: 'new' });
      return resource;
    });
    expect(changed?.metadata.uid).to.equal(first.metadata.uid);
    expect(changed?.spec.approval).not.to.equal(first.spec.approval);
  });

  it('deletes the resource, and the request is over when it is gone', async () => {
    const shown = await makeApproved(team);
    await appeared(shown);
    await setFinalizers(api.kube, shown.resource!, [FINALIZER]);
    await team.developer.client.delete(`${REQUESTS}/${shown.id}`);
    await eventually(async () => {
      expect((await find(shown))?.metadata.deletionTimestamp).to.be.a('string');
    });
    expect((await show(shown.id)).status).to.equal('deleting');
    await setFinalizers(api.kube, shown.resource!, []);
    await becomes(shown.id, 'deleted');
  });

  it('does not bring a resource back when an old order is played again', async () => {
    const shown = await makeApproved(team);
    await appeared(shown);
    await team.developer.client.delete(`${REQUESTS}/${shown.id}`);
    await becomes(shown.id, 'deleted');
    await replay(shown.id);
    await isDrained(shown.id);
    expect(await find(shown)).to.equal(undefined);
  });

  it('does not touch the next resource of the same name when an old order is played again', async () => {
    const old = await makeApproved(team);
    await appeared(old);
    await team.developer.client.delete(`${REQUESTS}/${old.id}`);
    await becomes(old.id, 'deleted');
    const next = await makeApproved(team, { name: old.name });
    const before = await appeared(next);
    await replay(old.id);
    await isDrained(old.id);
    expect((await find(next))?.metadata.uid).to.equal(before.metadata.uid);
  });

  it('leaves somebody else’s resource of the same name alone, and says so', async () => {
    const made = await makeRequest(team);
    const foreign = {
      apiVersion: 'quartermaster.dev/v1alpha1',
      kind: 'ResourceRequest',
      metadata: { namespace: team.namespace, name: made.name },
      spec: { className: 'trivial', parameters: { text: 'mine' } },
    };
    await api.kube.create(RESOURCE_REQUESTS, foreign);
    await approve(team.approver.client, made.id);
    const shown = await becomes(made.id, 'failed');
    expect(shown.failure?.type).to.equal('Conflict');
    expect((await find(shown))?.spec).to.deep.equal(foreign.spec);
    await api.kube.delete(RESOURCE_REQUESTS, foreign.metadata);
    await team.developer.client.post(`${REQUESTS}/${made.id}/retry`);
    await eventually(async () => expect((await find(shown))?.spec.approval).to.be.a('string'));
  });

  it('does not overwrite what somebody else changed, and says so', async () => {
    const shown = await makeApproved(team);
    await appeared(shown);
    const patch = { spec: { parameters: { text: 'by hand' } } };
    await api.kube.mergePatch(RESOURCE_REQUESTS, shown.resource!, patch);
    await team.developer.client.patch(`${REQUESTS}/${shown.id}`, { parameters: { text: 'api' } });
    await approve(team.approver.client, shown.id);
    const { failure } = await becomes(shown.id, 'failed');
    expect(failure?.type).to.equal('Conflict');
    expect((await find(shown))?.spec.parameters).to.deep.equal({ text: 'by hand' });
  });

  it('asks the operator to look again on a retry', async () => {
    const shown = await makeApproved(team);
    await appeared(shown);
    await team.developer.client.post(`${REQUESTS}/${shown.id}/retry`);
    await eventually(async () => {
      const annotations = (await find(shown))?.metadata.annotations;
      expect(annotations).to.have.property('quartermaster.dev/reconcile-at');
    });
  });

  it('takes 50 ms from an approval to the resource, at the median', async () => {
    const times: number[] = [];
    for (let index = 0; index < 20; index += 1) {
      const made = await makeRequest(team);
      const answer = await approve(team.approver.client, made.id);
      const start = performance.now();
      await appeared(answer.body);
      times.push(performance.now() - start);
    }
    times.sort((a, b) => a - b);
    console.log(`      median ${times[10]!.toFixed(0)} ms, worst ${times[19]!.toFixed(0)} ms`);
    // The goal is 50 ms on a machine that does nothing else; the test guards against the poll.
    expect(times[10]).to.be.below(500);
  });
});
