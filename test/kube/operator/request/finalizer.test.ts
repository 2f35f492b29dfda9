import { expect } from 'chai';
import { API_VERSION, FINALIZER } from '../../../../crds/constants.ts';
import type { ResourceRequest } from '../../../../crds/resource-request.ts';
import { RESOURCE_REQUESTS } from '../../../../crds/resource-types.ts';
import { ConflictError } from '../../../../lib/kube/errors.ts';
import { actOnRequest } from '../../../../operator/request/act.ts';
import type { RequestReconcilerDeps } from '../../../../operator/request/deps.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { buildObservation } from '../../../support/operator/request-builder.ts';
import { rejection } from '../../../support/rejection.ts';

const OTHERS = 'example.com/theirs';

describe('the finalizer of a request', function () {
  this.timeout(30_000);
  const cluster = useTestCluster();
  let request: ResourceRequest;

  beforeEach(async () => {
    const namespace = await cluster.createNamespace();
    request = await cluster.client.create<ResourceRequest>(RESOURCE_REQUESTS, {
      apiVersion: API_VERSION,
      kind: 'ResourceRequest',
      metadata: { name: 'db', namespace, finalizers: [OTHERS, FINALIZER] },
      spec: { className: 'database' },
    });
  });

  /** Lets go of the request as it was seen. */
  function letGo(seen: ResourceRequest): Promise<unknown> {
    const deps = { client: cluster.client } as unknown as RequestReconcilerDeps;
    return actOnRequest(deps, buildObservation({ request: seen }), { kind: 'remove-finalizer' });
  }

  function write(finalizers: string[]): Promise<ResourceRequest> {
    return cluster.client.mergePatch(RESOURCE_REQUESTS, request.metadata, {
      metadata: { finalizers },
    });
  }

  it('is not taken away from a version that nobody looked at', async () => {
    await write([FINALIZER]);
    expect(await rejection(letGo(request))).to.be.instanceOf(ConflictError);
  });

  it('is taken away, and those of others stay', async () => {
    await letGo(request);
    const left = await cluster.client.get<ResourceRequest>(RESOURCE_REQUESTS, request.metadata);
    expect(left?.metadata.finalizers).to.deep.equal([OTHERS]);
    await write([]);
  });

  it('counts as taken away where the request is gone already', async () => {
    await write([]);
    await cluster.client.delete(RESOURCE_REQUESTS, request.metadata);
    await letGo(request);
  });
});
