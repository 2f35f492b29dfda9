import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { API_VERSION, LABELS } from '../../../../crds/constants.ts';
import { runLogName } from '../../../../crds/run-log.ts';
import { systemClock } from '../../../../lib/clock.ts';
import type { ConfigMap } from '../../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import type { LogOwner } from '../../../../operator/state/log-store.ts';
import { openStores, type Stores } from '../../../../operator/state/stores.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';

describe('The log of a run in a real API server', () => {
  const cluster = useTestCluster();
  let namespace: string;
  let stores: Stores;
  let log: LogOwner;

  before(async () => {
    namespace = await cluster.createNamespace();
    stores = await openStores({ client: cluster.client, namespace, clock: systemClock });
  });
  beforeEach(() => {
    const owner = { apiVersion: API_VERSION, kind: 'ResourceRun', name: 'a', uid: randomUUID() };
    log = { run: `run-${randomUUID()}`, requestUid: randomUUID(), owner };
  });

  const find = (): Promise<ConfigMap | undefined> =>
    cluster.client.get<ConfigMap>(RESOURCE_TYPES.configMaps, {
      namespace,
      name: runLogName(log.run),
    });

  async function texts(): Promise<string[]> {
    return (await stores.logs.read(log)).lines.map(({ text }) => text);
  }

  it('is kept in order, each part once, also when two replicas get the same part', async () => {
    await stores.logs.append(log, 0, 'one\n');
    await Promise.all([stores.logs.append(log, 1, 'two\n'), stores.logs.append(log, 1, 'two\n')]);
    await stores.logs.append(log, 2, 'three\n');
    expect(await texts()).to.deep.equal(['one', 'two', 'three']);
  });

  it('is found by run and by request, and belongs to the run', async () => {
    await stores.logs.append(log, 0, 'one\n');
    const { labels, ownerReferences } = (await find())!.metadata;
    expect(labels).to.deep.include({
      [LABELS.component]: 'run-log',
      [LABELS.run]: log.run,
      [LABELS.requestUid]: log.requestUid,
    });
    expect(ownerReferences).to.deep.equal([log.owner]);
  });

  it('stays within one ConfigMap, however much there is', async function () {
    this.timeout(60_000);
    const noise = `${Array.from({ length: 4_000 }, () => randomUUID()).join('\n')}\n`;
    for (let part = 0; part < 12; part += 1) await stores.logs.append(log, part, noise);
    const { lines } = await stores.logs.read(log);
    expect(lines[0]?.text).to.equal(noise.slice(0, 36));
    expect(lines.at(-1)?.number).to.equal(48_000);
    expect(lines.some(({ text }) => text.includes('left out here'))).to.equal(true);
  });

  it('is not made just to say that it is complete', async () => {
    await stores.logs.complete(log);
    expect(await find()).to.equal(undefined);
  });

  it('is complete when the run has ended, with what happened where nobody else could say', async () => {
    await stores.logs.append(log, 0, 'one\n');
    await stores.logs.complete(log, 'killed');
    await stores.logs.complete(log, 'killed');
    expect((await find())?.data?.['complete']).to.equal('true');
    expect(await texts()).to.deep.equal(['one', 'killed']);
  });

  it('is complete with its last part, and takes no more after it', async () => {
    await stores.logs.finish(log, 0, 'one\n');
    const { data, metadata } = (await find())!;
    expect(data?.['complete']).to.equal('true');
    await stores.logs.finish(log, 0, 'one\n');
    await stores.logs.append(log, 1, 'two\n');
    expect((await find())?.metadata.resourceVersion).to.equal(metadata.resourceVersion);
    expect(await texts()).to.deep.equal(['one']);
  });

  it('is complete also when its last part was there before', async () => {
    await stores.logs.append(log, 0, 'one\n');
    await stores.logs.finish(log, 0, 'one\n');
    expect((await find())?.data?.['complete']).to.equal('true');
    expect(await texts()).to.deep.equal(['one']);
  });

  it('goes with everything else of its request', async () => {
    await stores.logs.append(log, 0, 'one\n');
    await stores.removeAll(log.requestUid);
    expect(await find()).to.equal(undefined);
  });
});
