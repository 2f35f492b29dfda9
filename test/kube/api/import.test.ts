import { expect } from 'chai';
import {
  inputsDigest,
  classDigest,
  approvalClaimsSchema,
  APPROVAL_TYPE,
} from '../../../crds/approval.ts';
import { publicKeys } from '../../../api/auth/key-set.ts';
import { ANNOTATIONS, API_VERSION } from '../../../crds/constants.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import { resourceClassSchema } from '../../../crds/resource-class.ts';
import { RESOURCE_CLASSES, RESOURCE_REQUESTS } from '../../../crds/resource-types.ts';
import { verifyJws } from '../../../lib/jws.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { buildTeam, type Team } from '../../support/api/people.ts';
import { unique } from '../../support/api/test-api.ts';
import { expectProblem } from '../../support/api/test-client.ts';
import { eventually } from '../../support/eventually.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';
import { buildClass } from '../../support/requests/class-objects.ts';
import { stateReady } from '../../support/requests/operator-stand-in.ts';
import { approve, makeRequest, REQUESTS, type Shown } from '../../support/requests/requests.ts';
import { startSyncedApi, type SyncedApi } from '../../support/requests/synced-api.ts';

type Imported = Shown & {
  origin: string;
  claimed_requester: { id: string; name: string } | null;
};

describe('requests that are made in the cluster', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  let api: SyncedApi;
  let team: Team;
  before(async () => {
    api = await startSyncedApi(cluster);
    team = await buildTeam(api);
    await eventually(async () => {
      const found = await api.kube.get(RESOURCE_TYPES.namespaces, { name: team.namespace });
      if (!found) throw new Error('no namespace yet');
    });
  });
  after(() => api.close());

  const newName = (): string => unique('c').slice(0, 40);
  const applyAs = async (
    name: string,
    spec: Partial<ResourceRequest['spec']> = {},
    namespace = team.namespace,
  ): Promise<ResourceRequest> =>
    api.kube.apply<ResourceRequest>(
      RESOURCE_REQUESTS,
      {
        ...{ apiVersion: API_VERSION, kind: 'ResourceRequest', metadata: { namespace, name } },
        spec: { className: 'trivial', parameters: { text: 'git' }, ...spec },
      },
      { fieldManager: 'argocd-controller', force: true },
    );
  const list = async (name: string): Promise<Imported[]> =>
    (await team.readOnly.client.get<{ items: Imported[] }>(REQUESTS)).body.items.filter(
      (item) => item.name === name,
    );
  const imported = (
    name: string,
    check: (shown: Imported) => void = () => undefined,
  ): Promise<Imported> =>
    eventually(async () => {
      const [shown] = await list(name);
      if (!shown) throw new Error(`${name} is not imported yet`);
      check(shown);
      return shown;
    });
  const resource = async (name: string): Promise<ResourceRequest> =>
    (await api.kube.get<ResourceRequest>(RESOURCE_REQUESTS, { namespace: team.namespace, name }))!;
  const carriesApproval = (name: string): Promise<ResourceRequest> =>
    eventually(async () => {
      const found = await resource(name);
      if (found.spec.approval === undefined) throw new Error('no approval yet');
      return found;
    });
  const becomes = (name: string, status: string): Promise<Imported> =>
    imported(name, (shown) => expect(shown.status).to.equal(status));

  it('leaves alone what stands in a namespace that is no project’s', async () => {
    const namespace = await cluster.createNamespace();
    const name = newName();
    await applyAs(name, {}, namespace);
    await eventually(() => {
      const line = api.logged.find((entry) => entry['namespace'] === namespace);
      expect(line?.message).to.contain('no project');
    });
    expect(await list(name)).to.deep.equal([]);
  });

  it('believes nobody who says that they asked for it, but keeps them from deciding', async () => {
    const name = newName();
    const claim = { id: 'nobody', name: team.approver.email };
    await applyAs(name, { requestedBy: claim });
    const shown = await imported(name);
    expect(shown).to.deep.include({ requested_by: null, claimed_requester: claim });
    expectProblem(await approve(team.approver.client, shown.id), 403, 'SELF_APPROVAL');
    expect((await approve(team.admin.client, shown.id)).status).to.equal(200);
  });

  it('waits where a request of the api has the name, and says so', async () => {
    const made = await makeRequest(team, { name: newName() });
    await applyAs(made.name);
    await eventually(async () => {
      const note = (await resource(made.name)).metadata.annotations?.[ANNOTATIONS.decision];
      expect(note).to.contain('Not imported');
    });
    expect((await list(made.name)).map(({ id }) => id)).to.deep.equal([made.id]);
  });

  it('does not let the api change what is kept in the cluster', async () => {
    const name = newName();
    await applyAs(name);
    const { id } = await imported(name);
    const change = { parameters: { text: 'api' } };
    const answer = await team.developer.client.patch(`${REQUESTS}/${id}`, change);
    expectProblem(answer, 409, 'MANAGED_IN_CLUSTER');
  });

  it('shows it as pending, once, with where it came from', async () => {
    const name = newName();
    await applyAs(name);
    const shown = await imported(name);
    expect(shown).to.deep.include({
      ...{ origin: 'cluster', status: 'pending', revision: 1, parameters: { text: 'git' } },
      resource: { namespace: team.namespace, name },
    });
    await api.kube.mergePatch(
      RESOURCE_REQUESTS,
      { namespace: team.namespace, name },
      {
        metadata: { labels: { touched: 'yes' } },
      },
    );
    await applyAs(newName()).then(({ metadata }) => imported(metadata.name));
    expect(await list(name)).to.have.length(1);
  });

  it('writes only the approval, and leaves everything else to who wrote it', async () => {
    const name = newName();
    const before = await applyAs(name, { deletionPolicy: 'Retain' });
    const { id } = await imported(name);
    expect((await approve(team.approver.client, id)).body.status).to.equal('approved');
    const after = await carriesApproval(name);
    const { approval, ...spec } = after.spec;
    expect(spec).to.deep.equal(before.spec);
    expect(after.metadata.labels).to.deep.equal(before.metadata.labels);
    expect(after.metadata.annotations).to.deep.equal(before.metadata.annotations);
    const again = await applyAs(name, { deletionPolicy: 'Retain' });
    expect(again.spec.approval, 'survives the next sync').to.equal(approval);
    expect(again.metadata.resourceVersion, 'no difference').to.equal(
      after.metadata.resourceVersion,
    );
    const claims = approvalClaimsSchema.parse(
      await verifyJws(approval!, publicKeys(api.deps.keys.approval), APPROVAL_TYPE),
    );
    const object = await api.kube.get(RESOURCE_CLASSES, { name: 'trivial' });
    expect(claims.inputs).to.equal(
      inputsDigest({
        classDigest: classDigest(resourceClassSchema.parse(object).spec),
        ...{ namespace: team.namespace, name },
        ...{ parameters: before.spec.parameters, deletionPolicy: 'Retain' },
      }),
    );
  });

  it('takes another spec for a new revision, which waits while the old one runs', async () => {
    const name = newName();
    await applyAs(name);
    const { id } = await imported(name);
    await applyAs(name, { parameters: { text: 'second' } });
    await imported(name, (shown) => {
      expect(shown).to.deep.include({ status: 'pending', revision: 2 });
      expect(shown.parameters).to.deep.equal({ text: 'second' });
    });
    await approve(team.approver.client, id);
    await stateReady(api.kube, await carriesApproval(name), {
      ...{ status: 'True', reason: 'Available', message: 'it is there' },
    });
    await becomes(name, 'ready');
    await applyAs(name, { parameters: { text: 'third' } });
    const changed = await imported(name, (shown) => {
      expect(shown).to.deep.include({ status: 'ready', revision: 2, pending_revision: 3 });
    });
    expect(changed.pending_change?.parameters).to.deep.equal({ text: 'third' });
    await applyAs(name, { parameters: { text: 'second' } });
    await imported(name, (shown) => expect(shown.pending_revision).to.equal(null));
  });

  it('says on the resource that it was rejected, and asks again only for something else', async () => {
    const name = newName();
    await applyAs(name);
    const { id } = await imported(name);
    const reason = { reason: 'too large' };
    await team.approver.client.post(`${REQUESTS}/${id}/reject`, reason);
    const rejected = await eventually(async () => {
      const found = await resource(name);
      expect(found.metadata.annotations?.[ANNOTATIONS.decision]).to.equal('Rejected: too large');
      return found;
    });
    expect(rejected.spec).to.deep.equal({ className: 'trivial', parameters: { text: 'git' } });
    await applyAs(name, { parameters: { text: 'smaller' } });
    const next = await becomes(name, 'pending');
    expect(next.id).not.to.equal(id);
    await eventually(async () => {
      const found = await resource(name);
      expect(found.metadata.annotations ?? {}).not.to.have.property(ANNOTATIONS.decision);
    });
  });

  it('is over when the resource is deleted', async () => {
    const name = newName();
    await applyAs(name);
    await imported(name);
    await api.kube.delete(RESOURCE_REQUESTS, { namespace: team.namespace, name });
    await becomes(name, 'deleted');
    await applyAs(name);
    await becomes(name, 'pending');
  });

  it('deletes the resource when somebody gives it back by the api', async () => {
    const name = newName();
    await applyAs(name);
    const { id } = await imported(name);
    const answer = await team.developer.client.delete<Shown>(`${REQUESTS}/${id}`);
    expect(answer.body.status).to.equal('deleting');
    await becomes(name, 'deleted');
  });

  it('is approved at once where the class approves by itself', async () => {
    const name = newName();
    await applyAs(name, { className: 'scratch' });
    await becomes(name, 'approved');
    expect((await resource(name)).spec).not.to.have.property('approval');
  });

  describe('whose deletion the class asks about', () => {
    const className = unique('guarded');
    before(async () => {
      await api.kube.apply(
        RESOURCE_CLASSES,
        buildClass(className, {
          approval: { mode: 'Manual', preview: 'Skipped', onDelete: 'Manual' },
        }),
        { fieldManager: 'quartermaster-test', force: true },
      );
      await eventually(() => {
        if (!api.sync.classes.find(className)) throw new Error('not offered yet');
      });
    });

    const edit = (name: string, text: string): Promise<ResourceRequest> =>
      applyAs(name, { className, parameters: { text } });
    /** Has the api look at what the operator says, and waits until it has. */
    const say = async (name: string, message: string): Promise<void> => {
      const ready = { status: 'True', reason: 'Available', message } as const;
      await stateReady(api.kube, await resource(name), ready);
      await imported(name, ({ conditions }) =>
        expect(conditions.find(({ type }) => type === 'Ready')).to.include({ message }),
      );
    };
    const pends = (name: string, revision: number, deletes: boolean): Promise<Imported> =>
      imported(name, (shown) => {
        expect(shown.pending_revision).to.equal(revision);
        expect(shown.pending_change?.deletes).to.equal(deletes);
      });

    it('keep it waiting while their edit waits behind it, and ask about that when it is refused', async () => {
      const name = newName();
      await edit(name, 'one');
      const { id } = await imported(name);
      await approve(team.approver.client, id);
      await carriesApproval(name);
      await say(name, 'made');
      await becomes(name, 'ready');
      await edit(name, 'two');
      await pends(name, 2, false);
      const asked = await team.developer.client.delete<Imported>(`${REQUESTS}/${id}`);
      expect(asked.body).to.deep.include({ status: 'ready', pending_revision: 3 });
      await say(name, 'seen');
      await pends(name, 3, true);
      const path = `${REQUESTS}/${id}/reject`;
      expect((await team.approver.client.post(path, { reason: 'in use' })).status).to.equal(200);
      await say(name, 'seen again');
      await pends(name, 4, false);
      expect((await resource(name)).metadata.annotations?.[ANNOTATIONS.decision]).to.equal(
        undefined,
      );
    });
  });
});
