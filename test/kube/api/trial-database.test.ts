import { expect } from 'chai';
import { fillSecret } from '../../../api/trial-database/fill-secret.ts';
import { ConfigurationError } from '../../../lib/errors.ts';
import type { Secret } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';
import { rejection } from '../../support/rejection.ts';

const place = {
  host: 'quartermaster-postgres.quartermaster-system.svc',
  port: 5432,
  keys: { owner: 'owner-url', app: 'app-url', system: 'system-url' },
};

describe('the logins of a database to try things out', () => {
  const cluster = useTestCluster();
  const name = 'quartermaster-database';
  let namespace: string;

  beforeEach(async () => {
    namespace = await cluster.createNamespace();
  });

  async function makeSecret(data?: Record<string, string>): Promise<void> {
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { namespace, name } };
    await cluster.client.create(RESOURCE_TYPES.secrets, { ...secret, ...(data ? { data } : {}) });
  }

  const fill = (): ReturnType<typeof fillSecret> =>
    fillSecret(cluster.client, { namespace, name }, place);

  it('are not made where the Secret is missing', async () => {
    expect(await rejection(fill())).to.be.instanceOf(ConfigurationError);
  });

  it('never replace what somebody else keeps there', async () => {
    await makeSecret({ 'owner-url': 'bWluZQ==' });
    expect(await rejection(fill())).to.be.instanceOf(ConfigurationError);
  });

  it('are made once, also by two that start together, and are found again', async () => {
    await makeSecret();
    const [first, second] = await Promise.all([fill(), fill()]);
    expect(second).to.deep.equal(first);
    expect(await fill()).to.deep.equal(first);
    const passwords = Object.values(first.passwords);
    expect(new Set(passwords).size).to.equal(3);
    for (const password of passwords) expect(password).to.have.length.above(30);
  });

  it('stand in the Secret as the api, the migration and the server read them', async () => {
    await makeSecret();
    await fill();
    const key = { namespace, name };
    const secret = await cluster.client.get<Secret>(RESOURCE_TYPES.secrets, key);
    expect(secret?.data).to.have.keys('owner-url', 'app-url', 'system-url', 'postgres-password');
    const url = new URL(Buffer.from(secret!.data!['app-url']!, 'base64').toString('utf8'));
    expect([url.username, url.hostname, url.pathname]).to.deep.equal([
      ...['quartermaster_app', place.host, '/quartermaster'],
    ]);
  });
});
