import { expect } from 'chai';
import { FAILURE_MESSAGE_LIMIT } from '../../../../crds/failure.ts';
import {
  boundMessage,
  buildFailureMessage,
  MESSAGE_LIMIT,
} from '../../../../operator/terraform/failure-message.ts';

const keep = (text: string): string => text;

describe('The message of a failure', () => {
  it('has the limit that the status has', () => {
    expect(MESSAGE_LIMIT).to.equal(FAILURE_MESSAGE_LIMIT);
  });

  it('is all errors in the words of the engine, without warnings', () => {
    const common = { detail: 'why', address: 'a.b' };
    const message = buildFailureMessage(
      [
        { severity: 'error', summary: 'one', ...common },
        { severity: 'warning', summary: 'two', ...common },
        { severity: 'error', summary: 'three', ...common },
      ],
      'fallback',
      keep,
    );
    expect(message).to.equal('one (a.b)\nwhy\n\nthree (a.b)\nwhy');
  });

  it('is what it printed when it reported no error', () => {
    expect(buildFailureMessage([], 'panic: oh', keep)).to.equal('panic: oh');
  });

  it('is masked before it is cut, so that no half of a secret stays', () => {
    const text = `${'x'.repeat(MESSAGE_LIMIT - 20)}SECRETSECRETSECRET${'y'.repeat(100)}`;
    const message = buildFailureMessage([], text, (all) => all.replaceAll('SECRET', ''));
    expect(message).to.have.length.at.most(MESSAGE_LIMIT).and.not.to.contain('SEC');
  });

  it('says that it was shortened', () => {
    const message = boundMessage('x'.repeat(MESSAGE_LIMIT + 1));
    expect(message)
      .to.have.length(MESSAGE_LIMIT)
      .and.to.match(/shortened\)$/);
  });
});
