import { expect } from 'chai';
import { ANNOTATIONS, API_VERSION } from '../../../crds/constants.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import { RESOURCE_CLASSES, RESOURCE_REQUESTS } from '../../../crds/resource-types.ts';
import { eventually } from '../../support/eventually.ts';
import { PATIENCE_MS, usePlannedThings } from '../../support/requests/planned-things.ts';
import { REQUESTS, type Shown } from '../../support/requests/requests.ts';

describe('a newer class for what came by kubectl, with a real api, operator and engine', function () {
  this.timeout(4 * PATIENCE_MS);
  const things = usePlannedThings();
  let className: string;
  let id: string;

  before('make one by kubectl, and approve it by the api', async () => {
    className = await things.createClass('renewed', { preview: 'Required' });
    await things.world.client.create(RESOURCE_REQUESTS, {
      ...{ apiVersion: API_VERSION, kind: 'ResourceRequest' },
      metadata: { namespace: things.team.namespace, name: 'renewed' },
      spec: { className, parameters: { color: 'grey' } },
    } as never);
    id = await eventually(async () => {
      const list = await things.team.readOnly.client.get<{ items: Shown[] }>(REQUESTS);
      const found = list.body.items.find(({ name }) => name === 'renewed');
      if (!found) throw new Error('not imported yet');
      return found.id;
    });
    await things.approvePlan(id, await things.planReady(id));
    await things.becomes(id, 'ready');
  });

  const resource = async (): Promise<ResourceRequest> => (await things.findResource('renewed'))!;

  async function renewClass(): Promise<string | undefined> {
    const { digest: old } = things.api.sync.classes.find(className)?.status ?? {};
    const spec = { timeouts: { apply: '30m' } };
    await things.world.client.mergePatch(RESOURCE_CLASSES, { name: className }, { spec });
    return eventually(() => {
      const status = things.api.sync.classes.find(className)?.status;
      if (status === undefined || status.digest === old) throw new Error('not offered yet');
      return status.revisionName;
    }, PATIENCE_MS);
  }

  it('is planned when the annotation asks, waits by the api, and is moved to by its approval alone', async () => {
    const revisionName = await renewClass();
    const { metadata, spec: asked } = await resource();
    const annotations = { [ANNOTATIONS.reconcileAt]: new Date().toISOString() };
    await things.world.client.mergePatch(RESOURCE_REQUESTS, metadata, {
      metadata: { annotations },
    });
    await eventually(async () => {
      const shown = await things.show(id);
      const problems = [shown, (await resource()).status, things.world.problems()];
      expect(shown.pending_revision, JSON.stringify(problems, null, 1)).to.equal(2);
    }, PATIENCE_MS);
    const plan = await things.planReady(id);
    expect(await things.show(id)).to.deep.include({ status: 'ready', revision: 1 });
    expect((await resource()).status?.applied?.classRevision).not.to.equal(revisionName);
    await things.approvePlan(id, plan);
    await eventually(async () => {
      const { status } = await resource();
      expect(status?.applied?.classRevision, JSON.stringify(status, null, 1)).to.equal(
        revisionName,
      );
    }, PATIENCE_MS);
    const { approval, ...rest } = (await resource()).spec;
    expect(approval).to.be.a('string').and.not.to.equal(asked.approval);
    expect(rest).to.deep.equal({ className, parameters: { color: 'grey' } });
    const applied = await things.runsOf('renewed', 'Apply');
    expect(applied.map((run) => run.spec.planDigest)).to.include(plan.body.digest);
  });
});
