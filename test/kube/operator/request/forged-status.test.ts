import { expect } from 'chai';
import { API_VERSION } from '../../../../crds/constants.ts';
import type { ResourceRequestStatus } from '../../../../crds/resource-request.ts';
import { RESOURCE_REQUESTS } from '../../../../crds/resource-types.ts';
import { eventually } from '../../../support/eventually.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { OperatorWorld } from '../../../support/operator/operator-world.ts';

const DIGEST = `sha256:${'f'.repeat(64)}`;

describe('a status that somebody else has written', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  let world: OperatorWorld;
  let className: string;

  before(async () => {
    world = await OperatorWorld.start(cluster);
    className = (await world.createClass('forged')).metadata.name;
  });
  after(() => world.stop());

  const forgeries: [string, ResourceRequestStatus][] = [
    ['a run in progress', { run: { name: 'forged', action: 'Apply', attempt: 1 } }],
    ['what is applied', { applied: { inputsDigest: DIGEST, classRevision: 'x', run: 'forged' } }],
    ['part of what is applied', { applied: { inputsDigest: DIGEST } }],
    ['a plan that waits', { plan: { run: 'forged', digest: DIGEST } }],
    ['an output', { outputs: { forged: 'yes' } }],
  ];
  for (const [index, [title, status]] of forgeries.entries()) {
    it(`is put right, with nothing done about it: ${title}`, async () => {
      const name = `forged-${index}`;
      const before = (await world.makeReady(name, className)).status;
      const metadata = { name, namespace: world.namespaces.project };
      const forged = { apiVersion: API_VERSION, kind: 'ResourceRequest', metadata, status };
      const options = { fieldManager: 'forger', force: true, subresource: 'status' } as const;
      await world.client.apply(RESOURCE_REQUESTS, forged, options);
      await eventually(async () => {
        const { status: after } = await world.request(name);
        const records = { ...after, conditions: [] };
        const expected = { ...before, conditions: [] };
        expect(records).to.deep.equal(expected);
      });
      expect(await world.runs(name)).to.have.length(1);
    });
  }
});
