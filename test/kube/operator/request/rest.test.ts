import { expect } from 'chai';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import { systemClock } from '../../../../lib/clock.ts';
import type { KubeClient } from '../../../../lib/kube/client.ts';
import type { Secret } from '../../../../lib/kube/objects.ts';
import { resourceClassSpecSchema } from '../../../../crds/resource-class.ts';
import { CredentialsMemo } from '../../../../operator/request/credentials-memo.ts';
import type { RequestReconcilerDeps } from '../../../../operator/request/deps.ts';
import type { CredentialsView } from '../../../../operator/request/observation.ts';
import { observeCredentials } from '../../../../operator/request/observe-credentials.ts';
import { SecretWatch } from '../../../../operator/request/secret-watch.ts';
import { openStores } from '../../../../operator/state/stores.ts';
import { eventually } from '../../../support/eventually.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { databaseClass } from '../../../support/operator/operator-world.ts';
import { applied, buildRequest } from '../../../support/operator/request-builder.ts';
import { QuietLogger } from '../../../support/quiet-logger.ts';

const spec = resourceClassSpecSchema.parse(databaseClass);
const outputs = { values: { password: 'pa55word', address: 'db.local' }, sensitive: ['password'] };

/** Looks at the credentials of one request, and counts how often its outputs are read. */
class Observer {
  reads = 0;
  run = 'run-1';
  readonly secrets: SecretWatch;
  readonly #deps: RequestReconcilerDeps;
  readonly #namespace: string;

  constructor(client: KubeClient, namespace: string, readOutputs: () => Promise<typeof outputs>) {
    const log = new QuietLogger();
    this.#namespace = namespace;
    this.secrets = new SecretWatch({ client, log, clock: systemClock, onChange: () => undefined });
    const stores = {
      readRevision: () => Promise.resolve(spec),
      readOutputs: () => {
        this.reads += 1;
        return readOutputs();
      },
    };
    const parts = { stores, secrets: this.secrets, agreed: new CredentialsMemo() };
    this.#deps = parts as unknown as RequestReconcilerDeps;
  }

  async look(): Promise<CredentialsView> {
    const status = { applied: applied(this.run), outputs: { address: 'db.local' } };
    const request = buildRequest({ metadata: { namespace: this.#namespace }, status });
    return (await observeCredentials(this.#deps, request)).credentials;
  }
}

describe('the credentials of a request at rest', function () {
  this.timeout(30_000);
  const cluster = useTestCluster();
  let observer: Observer;
  let secret: Secret;

  beforeEach(async () => {
    const namespace = await cluster.createNamespace();
    const { client } = cluster;
    const stores = await openStores({ client, namespace, clock: systemClock });
    await stores.outputs.write('uid-1', outputs);
    observer = new Observer(client, namespace, async () => {
      const found = await stores.outputs.readAll('uid-1');
      return found as typeof outputs;
    });
    const stale = await observer.look();
    if (stale.kind !== 'stale') throw new Error(stale.kind);
    secret = await client.create<Secret>(RESOURCE_TYPES.secrets, stale.desired);
    await awaitView('current');
    observer.reads = 0;
  });
  afterEach(() => observer.secrets.stop());

  function awaitView(kind: CredentialsView['kind']): Promise<void> {
    return eventually(async () => {
      expect((await observer.look()).kind).to.equal(kind);
    });
  }

  it('are decrypted once, however often they are looked at', async () => {
    for (let visit = 0; visit < 50; visit += 1) {
      expect((await observer.look()).kind).to.equal('current');
    }
    expect(observer.reads).to.equal(0);
  });

  it('are compared again when the Secret was edited', async () => {
    await cluster.client.mergePatch(RESOURCE_TYPES.secrets, secret.metadata, {
      data: { password: 'bWluZQ==' },
    });
    await awaitView('stale');
    expect(observer.reads).to.be.greaterThan(0);
  });

  it('are compared again when the Secret was deleted', async () => {
    await cluster.client.delete(RESOURCE_TYPES.secrets, secret.metadata);
    await awaitView('stale');
  });

  it('are compared again when another run is applied, once', async () => {
    observer.run = 'run-2';
    await observer.look();
    await observer.look();
    expect(observer.reads).to.equal(1);
  });
});
