import { expect } from 'chai';
import { VerifiedTokens } from '../../../api/auth/verified-tokens.ts';

describe('tokens that were verified', () => {
  const verified = (userId: string, exp: number) => ({
    session: { userId, organizationId: null, tokenVersion: 1 },
    ...{ kid: 'a', exp },
  });
  const open = (): { tokens: VerifiedTokens; clock: { now: () => Date; seconds: number } } => {
    const clock = { seconds: 0, now: () => new Date(clock.seconds * 1000) };
    return { tokens: new VerifiedTokens(clock), clock };
  };

  it('are not known before', () => {
    expect(open().tokens.find('one')).to.equal(undefined);
  });

  it('are forgotten when they end', () => {
    const { tokens, clock } = open();
    tokens.remember('one', verified('ann', 100));
    clock.seconds = 100;
    expect(tokens.find('one')).to.equal(undefined);
  });

  it('are known by the whole text', () => {
    const { tokens } = open();
    tokens.remember('one', verified('ann', 100));
    expect(tokens.find('one')?.session.userId).to.equal('ann');
    expect(tokens.find('One')).to.equal(undefined);
  });

  it('push the oldest out when there are too many', () => {
    const { tokens } = open();
    for (let count = 0; count <= 10_000; count += 1) {
      tokens.remember(`token ${count}`, verified('ann', 100));
    }
    expect(tokens.find('token 0')).to.equal(undefined);
    expect(tokens.find('token 1')).to.not.equal(undefined);
    expect(tokens.find('token 10000')).to.not.equal(undefined);
  });
});
