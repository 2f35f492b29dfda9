import { expect } from 'chai';
import { API_VERSION, ANNOTATIONS, FINALIZER, LABELS } from '../../../../crds/constants.ts';
import { findCondition } from '../../../../crds/condition.ts';
import type { ResourceClass } from '../../../../crds/resource-class.ts';
import type { ResourceRequest } from '../../../../crds/resource-request.ts';
import { resourceRequestSpecSchema } from '../../../../crds/resource-request.ts';
import { RESOURCE_REQUESTS } from '../../../../crds/resource-types.ts';
import { OPERATOR_ANNOTATIONS } from '../../../../operator/constants.ts';
import { eventually } from '../../../support/eventually.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { databaseClass, OperatorWorld } from '../../../support/operator/operator-world.ts';

/** What a tenant writes besides the name and the class. */
interface Attempt {
  title: string;
  metadata?: Partial<ResourceRequest['metadata']>;
  spec?: Record<string, unknown>;
}

const values = ['true', 'Automatic', '2020-01-01T00:00:00Z'];

const annotations: Attempt[] = [
  ...Object.values(ANNOTATIONS),
  ...Object.values(OPERATOR_ANNOTATIONS),
  'quartermaster.dev/approved',
  'quartermaster.dev/approval',
].flatMap((name) =>
  values.map((value) => ({
    title: `the annotation ${name} with "${value}"`,
    metadata: { annotations: { [name]: value } },
  })),
);

const labels: Attempt[] = Object.values(LABELS).map((name) => ({
  title: `the label ${name}`,
  metadata: { labels: { [name]: 'quartermaster' } },
}));

const fields: Record<string, Attempt[]> = {
  className: [],
  parameters: [
    { title: 'a parameter', spec: { parameters: { size: 2 } } },
    { title: 'a parameter that is called approval', spec: { parameters: { approval: 'x' } } },
  ],
  deletionPolicy: [
    { title: 'the policy Retain', spec: { deletionPolicy: 'Retain' } },
    { title: 'the policy Delete', spec: { deletionPolicy: 'Delete' } },
  ],
  requestedBy: [
    {
      title: 'an administrator as requester',
      spec: { requestedBy: { id: 'admin', name: 'admin' } },
    },
  ],
  approval: [
    { title: 'a word as approval', spec: { approval: 'approved' } },
    {
      title: 'an approval that nobody signed',
      spec: { approval: `${btoa('{"alg":"none"}').replaceAll('=', '')}.e30.` },
    },
  ],
};

const others: Attempt[] = [{ title: 'our finalizer', metadata: { finalizers: [FINALIZER] } }];

describe('the need for an approval', function () {
  this.timeout(120_000);
  const cluster = useTestCluster();
  let world: OperatorWorld;
  let database: ResourceClass;

  before(async () => {
    world = await OperatorWorld.start(cluster);
    database = await world.createClass('database', {
      ...databaseClass,
      // With a rule for drift, a check may be asked for; it is never an apply.
      drift: { interval: '10s', action: 'Reapply' },
    });
  });
  after(() => world.stop());

  async function attempt({ metadata, spec }: Attempt, name: string): Promise<void> {
    await world.client.create<ResourceRequest>(RESOURCE_REQUESTS, {
      apiVersion: API_VERSION,
      kind: 'ResourceRequest',
      metadata: { ...metadata, name, namespace: world.namespaces.project },
      spec: { className: database.metadata.name, ...spec },
    });
  }

  it('is tried against every field that there is', () => {
    expect(Object.keys(fields)).to.have.members(Object.keys(resourceRequestSpecSchema.shape));
  });

  const attempts = [...Object.values(fields).flat(), ...others, ...annotations, ...labels];
  attempts.forEach((one, index) => {
    it(`is not switched off by ${one.title}`, async () => {
      const name = `try-${index}`;
      await attempt(one, name);
      await eventually(async () => {
        const { status, metadata } = await world.request(name);
        const ready = findCondition(status?.conditions, 'Ready');
        expect(ready?.status, JSON.stringify(status)).to.equal('False');
        expect(ready?.observedGeneration).to.equal(metadata.generation);
        expect(ready?.reason).to.be.oneOf([
          'AwaitingApproval',
          'ApprovalInvalid',
          'ParametersInvalid',
          'Paused',
        ]);
      });
    });
  });

  it('and after all of that nothing was applied', async () => {
    for (const index of attempts.keys()) {
      const runs = await world.runs(`try-${index}`);
      const applies = runs.filter(({ spec }) => spec.action === 'Apply');
      expect(applies, attempts[index]?.title).to.have.length(0);
    }
  });
});
