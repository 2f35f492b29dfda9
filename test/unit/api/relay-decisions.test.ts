import { expect } from 'chai';
import { REQUEST_STATUSES, type RequestStatus } from '../../../api/policies/request-transitions.ts';
import { decideRequestStep } from '../../../api/sync/relay/decide-request-step.ts';
import { deletionPauseMs, judgeRelayError } from '../../../api/sync/relay/judge-relay-error.ts';
import {
  ForeignNamespaceError,
  ForeignResourceError,
} from '../../../api/sync/relay/relay-errors.ts';
import { ANNOTATIONS } from '../../../crds/constants.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import {
  CallTimeoutError,
  ConflictError,
  ForbiddenError,
  InvalidError,
  NotFoundError,
  ServerUnavailableError,
  TooManyRequestsError,
} from '../../../lib/kube/errors.ts';

const RUNNING = ['approved', 'provisioning', 'ready', 'failed'] as const;
const OVER = ['pending', 'rejected', 'cancelled', 'deleted'] as const;

function buildResource(requestId: string, uid = 'uid-1', deleting = false): ResourceRequest {
  return {
    apiVersion: 'quartermaster.dev/v1alpha1',
    kind: 'ResourceRequest',
    metadata: {
      ...{ name: 'db', namespace: 'acme-shop', uid },
      annotations: { [ANNOTATIONS.requestId]: requestId },
      ...(deleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: { className: 'postgres' },
  };
}

describe('the step of the relay', () => {
  const own = buildResource('ours');
  const foreign = buildResource('theirs');
  const step = (
    status: RequestStatus,
    resource?: ResourceRequest,
    resourceUid: string | null = null,
  ): string => decideRequestStep({ id: 'ours', status, origin: 'api', resourceUid }, resource).kind;

  for (const status of REQUEST_STATUSES) {
    it(`never deletes somebody else’s resource for a request that is ${status}`, () => {
      expect(step(status, foreign)).not.to.equal('delete');
      expect(step(status, foreign, 'uid-1')).not.to.equal('delete');
    });
  }
  for (const status of RUNNING) {
    it(`applies what is ${status}, unless the name is taken or the resource went away`, () => {
      expect(step(status)).to.equal('apply');
      expect(step(status, own)).to.equal('apply');
      expect(step(status, own, 'uid-1')).to.equal('apply');
      expect(step(status, foreign)).to.equal('foreign');
      expect(step(status, undefined, 'uid-1')).to.equal('gone');
      expect(step(status, buildResource('ours', 'uid-2'), 'uid-1')).to.equal('gone');
      expect(step(status, buildResource('ours', 'uid-1', true), 'uid-1')).to.equal('nothing');
    });
  }
  for (const status of OVER) {
    it(`removes what was left of a request that is ${status}, and applies nothing`, () => {
      expect(step(status)).to.equal('nothing');
      expect(step(status, own)).to.equal('delete');
      expect(step(status, foreign)).to.equal('nothing');
      expect(step(status, buildResource('ours', 'uid-1', true))).to.equal('nothing');
    });
  }

  it('deletes what is to be deleted once, and waits to see that it is gone', () => {
    expect(step('deleting', own, 'uid-1')).to.equal('delete');
    expect(step('deleting', buildResource('ours', 'uid-1', true), 'uid-1')).to.equal('wait');
    expect(step('deleting', undefined, 'uid-1')).to.equal('gone');
    expect(step('deleting', foreign, 'uid-1')).to.equal('gone');
  });
});

describe('the step of the relay for a resource that was made in the cluster', () => {
  const resource = buildResource('whatever it says');
  const step = (status: RequestStatus, found?: ResourceRequest): string =>
    decideRequestStep({ id: 'ours', status, origin: 'cluster', resourceUid: 'uid-1' }, found).kind;

  for (const status of REQUEST_STATUSES.filter((status) => status !== 'deleting')) {
    it(`never deletes it while it is ${status}`, () => {
      expect(step(status, resource)).not.to.equal('delete');
    });
  }
  for (const status of [...RUNNING, 'pending', 'rejected', 'cancelled'] as const) {
    it(`tells it the decision when it is ${status}, and never another of its name`, () => {
      expect(step(status, resource)).to.equal('apply');
      expect(step(status, buildResource('x', 'uid-2'))).not.to.equal('apply');
      expect(step(status, buildResource('x', 'uid-1', true))).to.equal('nothing');
    });
  }
  it('ends the request when the resource is gone', () => {
    for (const status of [...RUNNING, 'pending', 'deleting'] as const) {
      expect(step(status), status).to.equal('gone');
    }
    expect(step('rejected')).to.equal('nothing');
  });
  it('deletes it when somebody asks for that, and waits to see that it is gone', () => {
    expect(step('deleting', resource)).to.equal('delete');
    expect(step('deleting', buildResource('x', 'uid-1', true))).to.equal('wait');
  });
});

describe('a deletion that is under way', () => {
  for (const [looks, seconds] of [
    [1, 1],
    [3, 4],
    [5, 15],
    [100_000, 15],
  ] as const) {
    it(`is looked at again ${seconds} s after look ${looks}`, () => {
      expect(deletionPauseMs(looks)).to.equal(seconds * 1000);
    });
  }
});

describe('the verdict on a write that failed', () => {
  const details = (
    status: number,
    more: object = {},
  ): ConstructorParameters<typeof InvalidError>[0] => ({
    ...{ status, reason: 'Test', message: 'test' },
    ...more,
  });
  const causes = [{ reason: 'FieldManagerConflict', field: '.spec.parameters.size', message: '' }];

  const refused: [string, unknown, string, boolean][] = [
    ['a namespace of others', new ForeignNamespaceError('kube-system'), 'Conflict', true],
    ['a resource of others', new ForeignResourceError('db'), 'Conflict', true],
    ['fields of others', new ConflictError(details(409, { causes })), 'Conflict', true],
    ['what the API server finds invalid', new InvalidError(details(422)), 'Configuration', false],
  ];
  for (const [what, error, type, alarm] of refused) {
    it(`gives up on ${what}${alarm ? ', with an alarm' : ''}`, () => {
      const verdict = judgeRelayError(error, 1, 0);
      expect(verdict).to.deep.include({ kind: 'refused', alarm });
      expect(verdict).to.have.nested.property('failure.type', type);
    });
  }

  for (const [what, error] of [
    ['a missing namespace', new NotFoundError(details(404))],
    ['a stale version', new ConflictError(details(409))],
    ['missing rights', new ForbiddenError(details(403))],
    ['an API server that is away', new ServerUnavailableError(details(503))],
    ['no answer', new CallTimeoutError(details(0))],
    ['a database that is away', new Error('connection refused')],
  ] as const) {
    it(`tries again after ${what}`, () => {
      expect(judgeRelayError(error, 1, 1)).to.deep.equal({ kind: 'later', delayMs: 250 });
    });
  }

  it('waits as long as the API server asks', () => {
    const error = new TooManyRequestsError(details(429, { retryAfterMs: 7_000 }));
    expect(judgeRelayError(error, 1, 0)).to.deep.equal({ kind: 'later', delayMs: 7_000 });
  });

  it('waits longer each time, up to a minute, and never as long as all the others', () => {
    const error = new ServerUnavailableError(details(503));
    const delay = (attempts: number, random: number): unknown =>
      (judgeRelayError(error, attempts, random) as { delayMs: number }).delayMs;
    expect([1, 2, 3, 9, 1000].map((attempts) => delay(attempts, 1))).to.deep.equal([
      ...[250, 500, 1_000, 60_000, 60_000],
    ]);
    expect(delay(1, 0)).to.equal(125);
  });
});
