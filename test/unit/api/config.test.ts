import { expect } from 'chai';
import { readApiConfig } from '../../../api/config.ts';
import { ConfigurationError } from '../../../lib/errors.ts';

const NEEDED = { DATABASE_URL: 'postgres://a', SYSTEM_DATABASE_URL: 'postgres://b' };

function faultsOf(environment: Record<string, string>): readonly string[] {
  try {
    readApiConfig(environment);
    return [];
  } catch (error) {
    if (error instanceof ConfigurationError) return error.faults;
    throw error;
  }
}

describe('the configuration of the api', () => {
  it('names every fault at once, also of settings that need each other', () => {
    const environment = { OIDC_ISSUER: 'https://x.example', SMTP_URL: 'smtp://x', PORT: 'abc' };
    const names = faultsOf(environment).map((fault) => fault.split(':')[0]);
    expect(names).to.have.members([
      'PORT',
      'DATABASE_URL',
      'SYSTEM_DATABASE_URL',
      'OIDC_CLIENT_ID',
      'MAIL_FROM',
    ]);
  });

  it('never repeats a value that it refuses', () => {
    const faults = faultsOf({ ...NEEDED, SMTP_URL: 'pa55word-that-is-no-url' });
    expect(faults.join()).to.contain('SMTP_URL').and.not.to.contain('pa55word');
  });

  it('needs the two databases and nothing else', () => {
    expect(faultsOf(NEEDED)).to.deep.equal([]);
  });
});
