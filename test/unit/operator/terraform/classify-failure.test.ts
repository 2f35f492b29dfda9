import { expect } from 'chai';
import type { FailureType } from '../../../../crds/failure.ts';
import {
  classifyFailure,
  type EngineFailure,
} from '../../../../operator/terraform/classify-failure.ts';

function failWith(change: Partial<EngineFailure> & { detail?: string; summary?: string }) {
  const { detail = '', summary = 'it failed', ...rest } = change;
  const diagnostics = [{ severity: 'error' as const, summary, detail, address: undefined }];
  const nothing = { errorText: '', signal: undefined, cancelled: undefined, outOfMemory: false };
  return { diagnostics, ...nothing, ...rest };
}

describe('The class of a failure', () => {
  const cases: [string, FailureType, Parameters<typeof failWith>[0]][] = [
    ['we told the engine to stop', 'Interrupted', { cancelled: 'signal', detail: 'AccessDenied' }],
    ['its time was up', 'DeadlineExceeded', { cancelled: 'deadline', signal: 'SIGKILL' }],
    ['the kernel killed something', 'OutOfMemory', { outOfMemory: true, detail: 'EOF' }],
    ['the state is locked', 'StateLocked', { summary: 'Error acquiring the state lock' }],
    ['somebody killed the engine', 'Interrupted', { signal: 'SIGKILL' }],
    [
      'a quota is used up, although Kubernetes says forbidden',
      'Quota',
      { detail: 'pods "a" is forbidden: exceeded quota: compute, requested: cpu=1' },
    ],
    ['a limit of a cloud is reached', 'Quota', { detail: 'VpcLimitExceeded: the maximum number' }],
    [
      'an admission webhook says no',
      'Policy',
      { detail: 'admission webhook "policy.example" denied the request' },
    ],
    ['the thing exists', 'Conflict', { detail: 'secrets "a" already exists' }],
    [
      'the rights are missing',
      'Credentials',
      { detail: 'secrets is forbidden: User cannot create' },
    ],
    [
      'a cloud refuses the key',
      'Credentials',
      { detail: 'api error InvalidAccessKey: status 403' },
    ],
    [
      'nobody answers',
      'Transient',
      { detail: 'dial tcp 10.0.0.1:443: connect: connection refused' },
    ],
    [
      'the other side gave no usable answer, however often it was asked',
      'Transient',
      { detail: 'POST http://127.0.0.1:4321/state giving up after 7 attempt(s)' },
    ],
    ['the other side is overloaded', 'Transient', { detail: 'StatusCode: 503, SlowDown' }],
    [
      'an API asks for patience, although it speaks of a limit',
      'Transient',
      { detail: 'googleapi: Error 403: rateLimitExceeded' },
    ],
    [
      'an admission policy says no',
      'Policy',
      {
        summary:
          "team/a failed to run apply: configmaps \"a\" is forbidden: ValidatingAdmissionPolicy 'colour' with binding 'colour' denied request: blue is not our colour",
      },
    ],
    [
      'a field is not allowed',
      'Configuration',
      { summary: 'Pod "a" is invalid: spec.privileged: Forbidden: disallowed by cluster policy' },
    ],
    [
      'somebody else owns a field',
      'Conflict',
      { summary: 'Apply failed with 1 conflict: conflict with "somebody": .data.color' },
    ],
    ['a cloud says that it exists', 'Conflict', { detail: 'googleapi: Error 409: taken' }],
    [
      'Kubernetes does not know the token',
      'Credentials',
      { summary: 'the server has asked for the client to provide credentials' },
    ],
    [
      'a number only looks like a status',
      'Configuration',
      { detail: 'expected size to be in the range (1 - 500), got 503' },
    ],
    ['nothing explains it', 'Configuration', { detail: 'Invalid value for variable' }],
  ];
  for (const [title, expected, change] of cases) {
    it(`is ${expected} when ${title}`, () => {
      expect(classifyFailure(failWith(change))).to.equal(expected);
    });
  }

  it('is read from what the engine wrote where it reports no diagnostics', () => {
    const failure = { ...failWith({}), diagnostics: [], errorText: 'Error: connection refused' };
    expect(classifyFailure(failure)).to.equal('Transient');
  });

  it('is not decided by warnings', () => {
    const warning = {
      severity: 'warning' as const,
      summary: 'x',
      detail: '503',
      address: undefined,
    };
    const failure = { ...failWith({}), diagnostics: [warning] };
    expect(classifyFailure(failure)).to.equal('Configuration');
  });
});
