import { expect } from 'chai';
import { API_VERSION } from '../../../../crds/constants.ts';
import {
  resourceClassSpecSchema,
  type ResourceClassSpec,
} from '../../../../crds/resource-class.ts';
import { RESOURCE_RUNS } from '../../../../crds/resource-types.ts';
import { systemClock } from '../../../../lib/clock.ts';
import type { KubeObject } from '../../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import { RevisionSweep } from '../../../../operator/class/revision-sweep.ts';
import { ensureRevision, readRevision } from '../../../../operator/class/revision.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { databaseClass } from '../../../support/operator/operator-world.ts';
import { QuietLogger } from '../../../support/quiet-logger.ts';

const spec: ResourceClassSpec = resourceClassSpecSchema.parse(databaseClass);
/** What a cache sees that has not seen anything yet. */
const nobody = { classes: [], requests: [], runs: [] };

describe('class revisions that nobody uses', function () {
  this.timeout(30_000);
  const cluster = useTestCluster();
  let namespace: string;

  beforeEach(async () => {
    namespace = await cluster.createNamespace();
  });

  function createSweep(graceMs: number): RevisionSweep {
    const { client } = cluster;
    const log = new QuietLogger();
    return new RevisionSweep({ client, clock: systemClock, log, namespace, graceMs });
  }

  function createRun(classRevision: string): Promise<KubeObject> {
    const requestRef = { namespace: 'team', name: 'db', uid: 'uid-1' };
    const run = { action: 'Apply', attempt: 1, inputsDigest: 'sha256:x', requestRef };
    return cluster.client.create(RESOURCE_RUNS, {
      apiVersion: API_VERSION,
      kind: 'ResourceRun',
      metadata: { name: 'run-1', namespace },
      spec: { ...run, classRevision },
    } as KubeObject);
  }

  it('stay for the grace, and go after it', async () => {
    const name = await ensureRevision(cluster.client, namespace, 'old', spec);
    const patient = createSweep(60_000);
    expect(await patient.sweep(nobody)).to.deep.equal([]);
    expect(await patient.sweep(nobody)).to.deep.equal([]);
    expect(await createSweep(0).sweep(nobody)).to.deep.equal([name]);
    expect(await readRevision(cluster.client, namespace, name)).to.equal(undefined);
  });

  it('stay when a run that no cache has seen was made with them', async () => {
    const name = await ensureRevision(cluster.client, namespace, 'old', spec);
    await createRun(name);
    const sweep = createSweep(0);
    await sweep.sweep(nobody);
    expect(await sweep.sweep(nobody)).to.deep.equal([]);
    expect(await readRevision(cluster.client, namespace, name)).to.deep.equal(spec);
  });

  it('stay when a class has come back to them after they were marked', async () => {
    const name = await ensureRevision(cluster.client, namespace, 'old', spec);
    const sweep = createSweep(0);
    await sweep.sweep(nobody);
    await ensureRevision(cluster.client, namespace, 'old', spec);
    expect(await sweep.sweep(nobody)).to.deep.equal([]);
    expect(await readRevision(cluster.client, namespace, name)).to.deep.equal(spec);
  });

  it('are the only revisions that are looked at', async () => {
    const foreign = { name: 'foreign', namespace, labels: { app: 'other' } };
    const { controllerRevisions } = RESOURCE_TYPES;
    await cluster.client.create(controllerRevisions, {
      apiVersion: 'apps/v1',
      kind: 'ControllerRevision',
      metadata: foreign,
      revision: 1,
      data: {},
    } as KubeObject);
    const sweep = createSweep(0);
    await sweep.sweep(nobody);
    expect(await sweep.sweep(nobody)).to.deep.equal([]);
    expect(await cluster.client.get(controllerRevisions, foreign)).not.to.equal(undefined);
  });
});
