import { expect } from 'chai';
import {
  AlreadyExistsError,
  ConflictError,
  TooManyRequestsError,
} from '../../../../lib/kube/errors.ts';
import { TerminalError, WaitingError } from '../../../../operator/controller/errors.ts';
import { outcomeOfError, outcomeOfResult } from '../../../../operator/controller/outcome.ts';

const details = { status: 409, reason: 'Conflict', message: 'no' };

describe('outcomeOfError', () => {
  it('gives up on a terminal error', () => {
    const error = new TerminalError('the class does not exist');
    expect(outcomeOfError(error)).to.deep.equal({ kind: 'terminal', error });
  });

  it('looks again later when something is waited for', () => {
    expect(outcomeOfError(new WaitingError(500))).to.deep.equal({ kind: 'requeue', afterMs: 500 });
  });

  it('tells a conflict from other failures', () => {
    const error = new ConflictError(details);
    expect(outcomeOfError(error)).to.deep.equal({ kind: 'conflict', error });
    expect(outcomeOfError(new AlreadyExistsError(details))).to.have.property('kind', 'failed');
  });

  it('waits as long as a server asked for', () => {
    const error = new TooManyRequestsError({ ...details, status: 429, retryAfterMs: 1000 });
    expect(outcomeOfError(error)).to.deep.equal({ kind: 'failed', error, minimumMs: 1000 });
  });

  it('counts anything unknown as passing', () => {
    const error = new TypeError('undefined is not a function');
    expect(outcomeOfError(error)).to.deep.equal({ kind: 'failed', error, minimumMs: 0 });
  });
});

describe('outcomeOfResult', () => {
  it('is done, or looks again when told to', () => {
    expect(outcomeOfResult({})).to.deep.equal({ kind: 'done' });
    expect(outcomeOfResult({ requeueAfterMs: 0 })).to.deep.equal({ kind: 'requeue', afterMs: 0 });
  });
});
