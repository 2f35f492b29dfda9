import { expect } from 'chai';
import {
  AlreadyExistsError,
  BadRequestError,
  ConflictError,
  ForbiddenError,
  GoneError,
  InvalidError,
  KubernetesApiError,
  NotFoundError,
  RequestTooLargeError,
  ServerUnavailableError,
  TooManyRequestsError,
  UnauthorizedError,
} from '../../../../lib/kube/errors.ts';
import { statusError } from '../../../../lib/kube/status-error.ts';

const now = new Date('2030-01-01T00:00:00Z');

function build(status: number, body: unknown, retryAfter?: string): KubernetesApiError {
  return statusError({ operation: 'GET /api/v1/pods', status, body, retryAfter, now });
}

describe('statusError', () => {
  const classes: [number, string, new (...details: never[]) => KubernetesApiError][] = [
    [400, 'BadRequest', BadRequestError],
    [401, 'Unauthorized', UnauthorizedError],
    [403, 'Forbidden', ForbiddenError],
    [404, 'NotFound', NotFoundError],
    [405, 'MethodNotAllowed', KubernetesApiError],
    [409, 'AlreadyExists', AlreadyExistsError],
    [409, 'Conflict', ConflictError],
    [410, 'Expired', GoneError],
    [413, 'RequestEntityTooLarge', RequestTooLargeError],
    [422, 'Invalid', InvalidError],
    [429, 'TooManyRequests', TooManyRequestsError],
    [500, 'InternalError', ServerUnavailableError],
    [503, 'ServiceUnavailable', ServerUnavailableError],
    [504, 'Timeout', ServerUnavailableError],
  ];
  for (const [status, reason, expected] of classes) {
    it(`makes a ${expected.name} of ${status} ${reason}`, () => {
      const error = build(status, { kind: 'Status', reason, message: 'words of the server' });
      expect(error.constructor).to.equal(expected);
      expect(error.name).to.equal(expected.name);
      expect(error).to.include({ status, reason });
      expect(error.message).to.equal(`GET /api/v1/pods: ${status} ${reason}: words of the server`);
    });
  }

  it('repeats nothing of a body that is no Status', () => {
    for (const body of [{ message: 'password=1', kind: 'Secret' }, 'password=1', ['x'], null]) {
      expect(build(502, body).message).to.equal('GET /api/v1/pods: 502 Unknown: no message');
    }
  });

  it('masks secrets in the words of the server, and bounds their length', () => {
    const secret = 'postgres://app:hunter22@db/app';
    const message = `invalid value "${secret}" ${'x'.repeat(5000)}`;
    const causes = [{ reason: 'FieldValueInvalid', field: 'spec.a', message }];
    const error = build(422, { kind: 'Status', message, reason: 'Invalid', details: { causes } });
    expect(JSON.stringify([error.message, error.causes])).not.to.contain('hunter22');
    expect(error.message.length).to.be.lessThan(2200);
    expect(error.causes[0]?.message.length).to.be.lessThan(1100);
    expect(error.hasCause('FieldValueInvalid')).to.equal(true);
    expect(error.hasCause('NamespaceTerminating')).to.equal(false);
  });

  const waits: [header: string | undefined, seconds: number | undefined, ms: number | undefined][] =
    [
      ['1', undefined, 1000],
      ['1', 5, 1000],
      [undefined, 5, 5000],
      ['Tue, 01 Jan 2030 00:00:03 GMT', undefined, 3000],
      ['Mon, 31 Dec 2029 00:00:03 GMT', undefined, undefined],
      ['0', undefined, undefined],
      ['soon', undefined, undefined],
      [undefined, undefined, undefined],
      ['99999999', undefined, 600_000],
    ];
  for (const [header, seconds, ms] of waits) {
    it(`reads Retry-After ${header ?? 'absent'}, ${seconds ?? 'no'} seconds, as ${ms ?? 'nothing'}`, () => {
      const body = { kind: 'Status', details: { retryAfterSeconds: seconds } };
      expect(build(429, body, header).retryAfterMs).to.equal(ms);
    });
  }
});
