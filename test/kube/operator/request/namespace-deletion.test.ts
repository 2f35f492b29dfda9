import { expect } from 'chai';
import { findCondition } from '../../../../crds/condition.ts';
import type { ResourceRequest } from '../../../../crds/resource-request.ts';
import type { KubeObject } from '../../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import { eventually } from '../../../support/eventually.ts';
import { OperatorProcess } from '../../../support/faults/operator-process.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { grantOperatorRights } from '../../../support/operator/operator-rights.ts';
import { RealControllers } from '../../../support/pods/real-controllers.ts';
import { GuardedThings, PATIENCE_MS, reasonOf } from '../../../support/requests/guarded-things.ts';

type Namespace = KubeObject & {
  status?: { phase: string; conditions?: { type: string; status: string }[] };
};

describe('a namespace that is deleted with a request whose deletion needs an approval', function () {
  this.timeout(4 * PATIENCE_MS);
  const cluster = useTestCluster();
  const things = new GuardedThings();
  let controllers: RealControllers;
  let operator: OperatorProcess;
  /** Where the things are made, as in a cloud: they do not go with the namespace. */
  let cloud: string;

  before('start the controllers and an operator with the rights of its account', async function () {
    this.timeout(15 * 60_000);
    controllers = await RealControllers.start(cluster);
    cloud = await cluster.createNamespace();
    await things.start(cluster, {
      hasControllers: true,
      startOperator: async (world) => {
        const KUBECONFIG = await grantOperatorRights(cluster, world);
        const ports = { HEALTH_PORT: '0', METRICS_PORT: '0' };
        operator = new OperatorProcess({
          environment: { ...world.environment, ...ports, KUBECONFIG },
        });
        await operator.start();
      },
    });
  });
  after(async () => {
    await operator.stop();
    await things.stop();
    await controllers.stop();
  });

  function findNamespace(): Promise<Namespace | undefined> {
    const key = { name: things.world.namespaces.project };
    return things.world.client.get<Namespace>(RESOURCE_TYPES.namespaces, key);
  }

  /** Waits until nothing is in the namespace but what a finalizer holds. */
  async function awaitEmptied(): Promise<void> {
    await eventually(async () => {
      const { status } = (await findNamespace())!;
      expect(status?.phase).to.equal('Terminating');
      const held = status?.conditions?.find(({ type }) => type === 'NamespaceFinalizersRemaining');
      expect(held?.status, JSON.stringify(status)).to.equal('True');
    }, PATIENCE_MS);
    const { client, namespaces } = things.world;
    const { roleBindings, secrets } = RESOURCE_TYPES;
    for (const type of [roleBindings, secrets]) {
      expect(await client.list(type, { namespace: namespaces.project })).to.deep.equal([]);
    }
  }

  function expectWaiting(request: ResourceRequest): void {
    expect(request.status?.plan?.changes).to.deep.equal({ add: 0, change: 0, destroy: 1 });
    expect(reasonOf(request), operator.output.slice(-3_000)).to.equal('AwaitingApproval');
    expect(findCondition(request.status?.conditions, 'Ready')?.message).to.contain(
      '0 to add, 0 to change, 1 to destroy',
    );
  }

  it('waits with the request, whose plan is shown; both go when that is approved', async () => {
    const className = await things.createClass('held', {
      variables: { namespace: cloud },
      credentials: ['color'],
    });
    const request = await things.makeReady('held', className);
    expect(await things.world.secret('held')).not.to.equal(undefined);
    const { client, namespaces } = things.world;
    await client.delete(RESOURCE_TYPES.namespaces, { name: namespaces.project });
    expectWaiting(await things.awaitPlan('held'));
    await awaitEmptied();
    // The operator has no rights in the namespace any more, and starts anew without them.
    operator.signal('SIGKILL');
    await eventually(() => expect(operator.accidents).to.have.length(1), PATIENCE_MS);
    await eventually(() => {
      expect(operator.output.split('this process leads now')).to.have.length(3);
    }, PATIENCE_MS);
    expectWaiting(await things.world.request('held'));
    expect(await things.destroyRuns('held')).to.deep.equal([]);
    expect(await things.findThing('held', cloud)).not.to.equal(undefined);
    await things.approveShown(await things.world.request('held'));
    await things.awaitGone(request);
    expect(await things.findThing('held', cloud)).to.equal(undefined);
    await eventually(async () => expect(await findNamespace()).to.equal(undefined), PATIENCE_MS);
    expect(operator.accidents).to.have.length(1);
  });
});
