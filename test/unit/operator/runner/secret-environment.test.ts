import { expect } from 'chai';
import { listSecretValues } from '../../../../operator/runner/secret-environment.ts';

describe('The secret values of the runner’s environment', () => {
  const account = { type: 'account', nested: { client_secret: 'field-secret', id: 'somebody' } };
  const cases: [string, Record<string, string>, string[]][] = [
    [
      'are those whose names say so',
      { AWS_SECRET_ACCESS_KEY: 'secret-1', GITHUB_TOKEN: 'secret-2', PGPASSWORD: 'secret-3' },
      ['secret-1', 'secret-2', 'secret-3'],
    ],
    [
      'are those whose names say nothing',
      { DSN: 'user=app;pwd=hunter-two' },
      ['user=app;pwd=hunter-two'],
    ],
    [
      'are passwords inside of URLs, as they stand there and decoded',
      { PROXY: 'https://app:pa%2Fss-word@db.local' },
      ['https://app:pa%2Fss-word@db.local', 'pa%2Fss-word', 'pa/ss-word'],
    ],
    [
      'are secret fields of files in JSON',
      { ACCOUNT: JSON.stringify(account) },
      [JSON.stringify(account), 'field-secret'],
    ],
    [
      'are not where things are, and not words of the trade',
      {
        PATH: '/usr/local/bin:/usr/bin',
        HOME: '/tmp/a-long-home',
        AWS_REGION: 'ap-northeast-1',
        KUBERNETES_SERVICE_HOST: '10.245.100.100',
        NODE_OPTIONS: '--disable-warning=x',
        WORK_DIRECTORY: '/tmp/a-long-folder',
        DB_PASSWORD: 'abc',
        ENGINE: 'postgresql',
      },
      [],
    ],
  ];
  for (const [title, own, expected] of cases) {
    it(title, () => expect(listSecretValues(own)).to.deep.equal(expected));
  }
});
