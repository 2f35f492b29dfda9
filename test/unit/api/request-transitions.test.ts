import { expect } from 'chai';
import {
  allowsAction,
  canMove,
  REQUEST_STATUSES,
  type RequestAction,
  type RequestStatus,
} from '../../../api/policies/request-transitions.ts';

describe('the states of a request', () => {
  for (const end of ['rejected', 'cancelled', 'deleted'] as const) {
    it(`has no way out of ${end}`, () => {
      expect(REQUEST_STATUSES.filter((to) => to !== end && canMove(end, to))).to.be.empty;
    });
  }

  it('has no way from deleting but to deleted', () => {
    const reachable = REQUEST_STATUSES.filter((to) => canMove('deleting', to));
    expect(reachable).to.deep.equal(['deleting', 'deleted']);
  });

  it('has no way back to pending, and none from pending past the decision', () => {
    const from = REQUEST_STATUSES.filter((status) => canMove(status, 'pending'));
    expect(from).to.deep.equal(['pending']);
    for (const status of ['provisioning', 'ready', 'failed'] as const) {
      expect(canMove('pending', status), status).to.equal(false);
    }
  });

  const allowed: Record<RequestAction, RequestStatus[]> = {
    update: ['pending', 'approved', 'provisioning', 'ready', 'failed'],
    approve: ['pending'],
    reject: ['pending'],
    cancel: ['pending'],
    delete: ['pending', 'approved', 'provisioning', 'ready', 'failed', 'deleting'],
    retry: ['approved', 'provisioning', 'ready', 'failed', 'deleting'],
    read_credentials: ['approved', 'provisioning', 'ready', 'failed'],
  };
  for (const [action, statuses] of Object.entries(allowed) as [RequestAction, RequestStatus[]][]) {
    it(`allows ${action} when it is ${statuses.join(', ')}, and at no other time`, () => {
      const found = REQUEST_STATUSES.filter((status) =>
        allowsAction({ status, pendingRevision: null }, action),
      );
      expect(found).to.deep.equal(statuses);
    });
  }

  for (const action of ['approve', 'reject', 'cancel'] as const) {
    it(`allows ${action} of a change that waits, as long as the request runs`, () => {
      const found = REQUEST_STATUSES.filter((status) =>
        allowsAction({ status, pendingRevision: 2 }, action),
      );
      expect(found).to.deep.equal(['pending', 'approved', 'provisioning', 'ready', 'failed']);
    });
  }
});
