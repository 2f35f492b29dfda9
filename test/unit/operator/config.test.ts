import { expect } from 'chai';
import { ConfigurationError } from '../../../lib/errors.ts';
import { leaseTiming, readOperatorConfig } from '../../../operator/config.ts';
import { DEFAULT_LEASE_TIMING } from '../../../operator/controller/lease-timing.ts';

describe('settings of the operator', () => {
  const environment = { RUN_API_URL: 'https://operator:8443' };
  const refused: [string, Record<string, string>, RegExp][] = [
    ['an address that no pod can call', { RUN_API_URL: '' }, /RUN_API_URL/],
    [
      'a leader that works longer than its lease',
      { LEASE_DURATION_SECONDS: '10' },
      /LEASE_DURATION_SECONDS/,
    ],
    ['a renew deadline with one attempt only', { RETRY_PERIOD_SECONDS: '9' }, /renew deadline/],
    ['a lease of a part of a second', { LEASE_DURATION_SECONDS: '0.5' }, /LEASE_DURATION_SECONDS/],
  ];
  for (const [title, settings, message] of refused) {
    it(`refuse ${title}`, () => {
      expect(() => readOperatorConfig({ ...environment, ...settings })).to.throw(
        ConfigurationError,
        message,
      );
    });
  }

  it('have the times of client-go where nothing is said', () => {
    expect(leaseTiming(readOperatorConfig(environment))).to.deep.equal(DEFAULT_LEASE_TIMING);
  });
});
