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

  for (const quota of ['pods', 'pods=', 'pods=many', 'pods: 2', '=3']) {
    it(`refuses ${quota} as a quota of projects`, () => {
      expect(faultsOf({ ...NEEDED, PROJECT_QUOTA: quota })).to.have.length(1);
    });
  }

  it('reads the quota of projects as Kubernetes names it, or none', () => {
    const read = (quota: string): object =>
      readApiConfig({ ...NEEDED, PROJECT_QUOTA: quota }).PROJECT_QUOTA;
    expect(read('pods=20, requests.storage=1.5Ti,count/jobs.batch=9')).to.deep.equal({
      ...{ pods: '20', 'requests.storage': '1.5Ti', 'count/jobs.batch': '9' },
    });
    expect(read('none')).to.deep.equal({});
  });

  it('needs the two databases and nothing else', () => {
    expect(faultsOf(NEEDED)).to.deep.equal([]);
  });
});
