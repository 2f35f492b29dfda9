import { expect } from 'chai';
import {
  buildApprovalClaims,
  buildDeletionClaims,
} from '../../../api/approvals/build-approval-claims.ts';
import { approversOfDeletion } from '../../../api/policies/deletion-approvers.ts';
import {
  allowsAction,
  REQUEST_STATUSES,
  type RequestAction,
} from '../../../api/policies/request-transitions.ts';
import {
  buildDeletionPlan,
  findDestroyedWork,
} from '../../../api/sync/plans/build-deletion-plan.ts';
import { findMismatches } from '../../../api/sync/find-mismatches.ts';
import { decideRequestStep } from '../../../api/sync/relay/decide-request-step.ts';
import type { SyncedRequest } from '../../../api/sync/synced-request.ts';
import { deletionDigest } from '../../../crds/approval.ts';
import { ANNOTATIONS, RUN_ANNOTATIONS } from '../../../crds/constants.ts';
import { isAheadOfResource } from '../../../crds/plan-order.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import type { ResourceRun } from '../../../crds/resource-run.ts';
import { buildClass } from '../../support/requests/class-objects.ts';
import { buildRequestRun } from '../../support/operator/request-builder.ts';

const RESOURCE = { namespace: 'shop', name: 'orders', uid: 'u1' };
const STATEMENT = {
  ...{ approver: { id: 'a1', email: 'a@example.com' }, id: 'j1' },
  now: new Date('2026-05-01T12:00:00Z'),
};

describe('the approval of a deletion', () => {
  const { spec } = buildClass('plain', { approval: { expiresAfter: '1h', onDelete: 'Manual' } });
  const claims = buildDeletionClaims({ resource: RESOURCE, classSpec: spec }, STATEMENT);

  it('is of one resource by its uid, and ends as the class says', () => {
    expect(claims).to.include({ request: 'shop/orders', inputs: deletionDigest(RESOURCE) });
    expect(claims.exp - claims.iat).to.equal(3600);
  });

  it('differs from that of every apply, and of every other resource', () => {
    const apply = buildApprovalClaims({ ...RESOURCE, classSpec: spec, parameters: {} }, STATEMENT);
    const others = [
      ...[{ name: 'other' }, { namespace: 'other' }, { uid: 'u2' }].map((change) =>
        deletionDigest({ ...RESOURCE, ...change }),
      ),
      apply.inputs,
    ];
    expect(new Set([claims.inputs, ...others]).size).to.equal(5);
  });

  it('can be given when the class is gone', () => {
    const without = buildDeletionClaims({ resource: RESOURCE, classSpec: undefined }, STATEMENT);
    expect(without).to.include({ class: 'none', inputs: claims.inputs });
  });

  it('takes somebody although everything else of the class takes nobody', () => {
    const automatic = buildClass('a', { approval: { mode: 'Automatic', onDelete: 'Manual' } });
    expect(approversOfDeletion(automatic.spec, 0)).to.equal(1);
    const two = buildClass('b', { approval: { approvers: 2, onDelete: 'Manual' } });
    expect(approversOfDeletion(two.spec)).to.equal(2);
    expect(approversOfDeletion(undefined, 2)).to.equal(2);
    expect(approversOfDeletion(undefined, 0)).to.equal(1);
  });
});

describe('what waits of a request that Kubernetes deletes', () => {
  const found = (action: RequestAction, deletes: boolean): boolean =>
    allowsAction({ status: 'deleting', pendingRevision: 2, deletes }, action);

  it('is its end, which can be approved and rejected, and not taken back', () => {
    expect(found('approve', true)).to.equal(true);
    expect(found('reject', true)).to.equal(true);
    expect(found('cancel', true)).to.equal(false);
    expect(found('update', true)).to.equal(false);
  });

  it('is never a change of it', () => {
    for (const action of ['approve', 'reject', 'cancel'] as const) {
      expect(found(action, false), action).to.equal(false);
    }
  });

  it('is decided in no status in which nothing of it waits', () => {
    const statuses = REQUEST_STATUSES.filter((status) =>
      allowsAction({ status, pendingRevision: null, deletes: true }, 'approve'),
    );
    expect(statuses).to.deep.equal(['pending']);
  });
});

describe('the plan of a deletion', () => {
  const made = buildRequestRun({ name: 'new', sequence: 9, rotation: 'r1' });
  const runs = [
    buildRequestRun({ name: 'old', sequence: 10, action: 'Check' }),
    made,
    buildRequestRun({ name: 'older', sequence: 8 }),
  ];

  it('is made of what the last apply made, also of one that failed', () => {
    const failed = buildRequestRun({ name: 'half', sequence: 11, outcome: 'failed' });
    expect(findDestroyedWork(runs)?.metadata.name).to.equal('new');
    expect(findDestroyedWork([...runs, failed])?.metadata.name).to.equal('half');
  });

  it('is not made where nothing was made, or what was made stays', () => {
    expect(findDestroyedWork([])).to.equal(undefined);
    const kept = buildRequestRun({ sequence: 11, deletionPolicy: 'Retain' });
    expect(findDestroyedWork([...runs, kept])).to.equal(undefined);
  });

  it('is one of destroying, with the class and the parameters that were applied', () => {
    const order = {
      ...{ requestId: 'r1', organizationSlug: 'acme', projectSlug: 'shop', revision: 3 },
      ...{ className: 'plain', attempt: 2, namespace: 'shop', name: 'orders', resourceUid: 'u1' },
    };
    const run: ResourceRun = buildDeletionPlan(order, made, 'runs');
    expect(run.spec).to.deep.equal({
      ...{ requestRef: RESOURCE, action: 'Plan', destroys: true, attempt: 2 },
      ...{ classRevision: made.spec.classRevision, parameters: made.spec.parameters },
      inputsDigest: deletionDigest(RESOURCE),
    });
    expect(run.metadata.annotations).to.include({ [RUN_ANNOTATIONS.rotation]: 'r1' });
    expect(isAheadOfResource(run)).to.equal(false);
  });
});

describe('the relay of a deletion that was approved', () => {
  const resource = (approval: string | undefined, isGoing = false): ResourceRequest => ({
    ...{ apiVersion: 'quartermaster.dev/v1alpha1', kind: 'ResourceRequest' },
    metadata: {
      ...{ name: 'db', namespace: 'shop', uid: 'u1' },
      annotations: { [ANNOTATIONS.requestId]: 'ours' },
      ...(isGoing ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: { className: 'plain', ...(approval === undefined ? {} : { approval }) },
  });
  const step = (found: ResourceRequest, origin: 'api' | 'cluster' = 'api') =>
    decideRequestStep(
      { id: 'ours', status: 'deleting', origin, resourceUid: 'u1', deletionApproval: 'jws' },
      found,
    );

  for (const origin of ['api', 'cluster'] as const) {
    it(`gives the approval first, and deletes then (${origin})`, () => {
      const given = { kind: 'approve-deletion', uid: 'u1', approval: 'jws' };
      expect(step(resource(undefined), origin)).to.deep.equal(given);
      expect(step(resource('of the apply'), origin)).to.deep.equal(given);
      expect(step(resource('jws'), origin)).to.deep.equal({ kind: 'delete', uid: 'u1' });
    });

    it(`gives it to what Kubernetes deletes already (${origin})`, () => {
      expect(step(resource('of the apply', true), origin).kind).to.equal('approve-deletion');
      expect(step(resource('jws', true), origin).kind).to.equal('wait');
    });
  }

  it('is looked at again where the approval has not arrived', () => {
    const row = {
      ...{ id: 'ours', status: 'deleting', origin: 'api', resource_uid: 'u1', approval: 'jws' },
      ...{ resource_namespace: 'shop', resource_name: 'db', deletes: true },
    } as SyncedRequest;
    const differ = (found: ResourceRequest): number =>
      findMismatches([row], new Map([['shop/db', found]])).length;
    expect(differ(resource('of the apply', true))).to.equal(1);
    expect(differ(resource('jws'))).to.equal(1);
    expect(differ(resource('jws', true))).to.equal(0);
  });
});
