import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { systemClock } from '../../../lib/clock.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import { createKubeClient } from '../../../lib/kube/create-kube-client.ts';
import {
  Informer,
  InformerNotSyncedError,
  type InformerOptions,
} from '../../../lib/kube/informer.ts';
import type { ConfigMap } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { eventually } from '../../support/eventually.ts';
import { playWatchFault, WATCH_FAULTS } from '../../support/faults/watch-faults.ts';
import { FaultProxy, type Fault } from '../../support/kube/fault-proxy.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';
import { QuietLogger } from '../../support/quiet-logger.ts';
import { rejection } from '../../support/rejection.ts';

const { configMaps } = RESOURCE_TYPES;

function buildConfigMap(namespace: string, name: string, data = {}): ConfigMap {
  return { apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace, name }, data };
}

/** Keeps what an informer tells. */
class Recorder {
  readonly changed: string[] = [];
  readonly resynced: string[] = [];
  readonly deleted: ConfigMap[] = [];
}

const fastTiming = {
  relistMs: 60_000,
  watchMinMs: 60_000,
  watchMaxMs: 60_000,
  idleMs: 60_000,
  pageMs: 60_000,
  backoffBaseMs: 10,
  backoffMaxMs: 100,
};

describe('Informer on a real API server, through a proxy that breaks calls', () => {
  const cluster = useTestCluster();
  let namespace: string;
  let proxy: FaultProxy;
  let client: KubeClient;
  let log: QuietLogger;
  let seen: Recorder;
  let informers: Informer<ConfigMap>[];

  beforeEach(async () => {
    namespace = await cluster.createNamespace();
    proxy = await FaultProxy.start(cluster.controlPlane);
    client = createKubeClient({ kubeconfig: proxy.writeKubeconfig() });
    log = new QuietLogger();
    seen = new Recorder();
    informers = [];
  });

  afterEach(async () => {
    await Promise.all(informers.map((informer) => informer.stop()));
    await client.close();
    await proxy.stop();
    expect(log.messages('error')).to.deep.equal([]);
  });

  function build(options: Partial<InformerOptions<ConfigMap>> = {}): Informer<ConfigMap> {
    const informer = new Informer<ConfigMap>({
      client,
      type: configMaps,
      namespace,
      log,
      clock: systemClock,
      onChange: (key) => seen.changed.push(key),
      onResync: (key) => seen.resynced.push(key),
      onDelete: (object) => seen.deleted.push(object),
      ...options,
      timing: { ...fastTiming, ...options.timing },
    });
    informers.push(informer);
    return informer;
  }

  async function start(
    options: Partial<InformerOptions<ConfigMap>> = {},
  ): Promise<Informer<ConfigMap>> {
    const informer = build(options);
    informer.start();
    await informer.synced(5000);
    return informer;
  }

  function create(name: string, data = {}): Promise<ConfigMap> {
    return cluster.client.create(configMaps, buildConfigMap(namespace, name, data));
  }

  it('has seen what exists when it says that it has synced, and not before', async () => {
    await create('one');
    const faults: Fault[] = [{ kind: 'status', status: 500 }, { kind: 'reset' }];
    proxy.decide = () => faults.shift();
    const interrupted: string[] = [];
    const informer = build({ onInterrupted: (kind) => interrupted.push(kind) });
    informer.start();
    expect(informer.hasSynced).to.equal(false);
    await informer.synced();
    expect(interrupted).to.deep.equal(['ConfigMap', 'ConfigMap']);
    expect(seen.changed).to.deep.equal([`${namespace}/one`]);
    expect(informer.get({ namespace, name: 'one' })?.metadata.name).to.equal('one');
    expect(proxy.lists).to.have.length(3);
  });

  it('tells additions, changes and deletions, and keeps no managed fields', async () => {
    const informer = await start();
    const key = `${namespace}/one`;
    const object = await create('one');
    await eventually(() => expect(informer.get(key)).to.be.an('object'));
    expect(informer.get(key)?.metadata).not.to.have.property('managedFields');
    await cluster.client.replace(configMaps, { ...object, data: { a: '1' } });
    await eventually(() => expect(informer.get(key)?.data).to.deep.equal({ a: '1' }));
    await cluster.client.delete(configMaps, { namespace, name: 'one' });
    await eventually(() => expect(informer.get(key)).to.equal(undefined));
    expect(seen.changed).to.deep.equal([key, key, key]);
    expect(seen.deleted.map(({ metadata }) => metadata.uid)).to.deep.equal([object.metadata.uid]);
  });

  it('opens one watch however often it is started', async () => {
    const informer = await start();
    informer.start();
    await eventually(() => expect(proxy.watches).to.have.length(1));
    await sleep(100);
    expect(proxy.calls).to.have.length(2);
    expect(log.lines).to.deep.equal([]);
    expect(proxy.watches[0]?.url.searchParams.get('allowWatchBookmarks')).to.equal('true');
  });

  it('tells a deletion and a new beginning when an object was made again while it was away', async () => {
    const { metadata } = await create('one', { a: 'same' });
    await start();
    await eventually(() => expect(proxy.watches).to.have.length(1));
    let isAway = true;
    proxy.decide = ({ isWatch }) => (isAway || isWatch ? { kind: 'reset' } : undefined);
    proxy.resetAll();
    await cluster.client.delete(configMaps, metadata);
    await create('one', { a: 'same' });
    isAway = false;
    await eventually(() => expect(seen.deleted).to.have.length(1));
    expect(seen.deleted[0]?.metadata.uid).to.equal(metadata.uid);
    expect(seen.changed.filter((key) => key === `${namespace}/one`)).to.have.length(2);
  });

  for (const fault of WATCH_FAULTS) {
    it(`misses nothing that happens while its watches meet this: ${fault.name}`, async () => {
      const { metadata } = await create('remade');
      const informer = await start({ timing: { idleMs: 400, pageMs: 400 } });
      await eventually(() => expect(proxy.watches).to.have.length(1));
      const play = playWatchFault(fault);
      let broken = 0;
      proxy.decide = (call) => {
        const played = play(call);
        if (played !== undefined) broken += 1;
        return played;
      };
      proxy.resetAll();
      await cluster.client.delete(configMaps, metadata);
      await create('remade');
      await create('late');
      await eventually(() => expect(broken).to.be.above(2));
      proxy.decide = () => undefined;
      await eventually(() => {
        expect(seen.deleted.map(({ metadata: { uid } }) => uid)).to.deep.equal([metadata.uid]);
        expect(informer.list()).to.have.length(2);
      });
    });
  }

  it('goes on from the version of a bookmark', async () => {
    const elsewhere = await cluster.createNamespace();
    const { metadata } = await cluster.client.create(
      configMaps,
      buildConfigMap(elsewhere, 'young'),
    );
    const { resourceVersion } = metadata;
    const object = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { resourceVersion } };
    const text = `${JSON.stringify({ type: 'BOOKMARK', object })}\n`;
    const faults: Fault[] = [{ kind: 'text', text }];
    proxy.decide = ({ isWatch }) => (isWatch ? faults.shift() : undefined);
    await start();
    await eventually(() => expect(proxy.watches).to.have.length(2));
    expect(proxy.watches[1]?.url.searchParams.get('resourceVersion')).to.equal(resourceVersion);
    expect(proxy.lists).to.have.length(1);
    expect(seen.changed).to.deep.equal([]);
  });

  const gone = { kind: 'Status', status: 'Failure', reason: 'Expired', code: 410, metadata: {} };
  const goneFaults: Record<string, Fault> = {
    'as the status of the answer': { kind: 'status', status: 410, body: gone },
    'as an event': { kind: 'text', text: `${JSON.stringify({ type: 'ERROR', object: gone })}\n` },
  };
  for (const [how, fault] of Object.entries(goneFaults)) {
    it(`lists again when its version is too old, told ${how}`, async () => {
      const faults = [fault];
      proxy.decide = ({ isWatch }) => (isWatch ? faults.shift() : undefined);
      const informer = await start();
      await eventually(() => expect(proxy.watches).to.have.length(2));
      expect(proxy.lists).to.have.length(2);
      await create('late');
      await eventually(() => expect(informer.list()).to.have.length(1));
    });
  }

  it('goes on from where it was, without a list, when the server ends the watch', async () => {
    const faults: Fault[] = [{ kind: 'end', afterMs: 1100 }];
    proxy.decide = ({ isWatch }) => (isWatch ? faults.shift() : undefined);
    const informer = await start();
    const { metadata } = await create('one');
    await eventually(() => expect(proxy.watches).to.have.length(2));
    expect(proxy.lists).to.have.length(1);
    expect(proxy.watches[1]?.url.searchParams.get('resourceVersion')).to.equal(
      metadata.resourceVersion,
    );
    expect(informer.list()).to.have.length(1);
    expect(log.lines).to.deep.equal([]);
  });

  it('notices a watch that fell silent', async () => {
    const faults: Fault[] = [{ kind: 'mute' }];
    proxy.decide = ({ isWatch }) => (isWatch ? faults.shift() : undefined);
    const informer = await start({ timing: { idleMs: 1500 } });
    await create('one');
    await eventually(() => expect(informer.list()).to.have.length(1));
    expect(proxy.watches.length).to.be.greaterThan(1);
  });

  it('ends a watch that outlives its time, and asks for no longer one than that', async () => {
    await start({ timing: { watchMinMs: 1000, watchMaxMs: 1000 } });
    await eventually(() => expect(proxy.watches.length).to.be.greaterThan(1));
    expect(proxy.watches[0]?.url.searchParams.get('timeoutSeconds')).to.equal('1');
  });

  it('lists again from time to time, and tells what is unchanged as a resync only', async () => {
    await create('one');
    await start({ timing: { relistMs: 1000 } });
    await eventually(() => expect(seen.resynced).to.deep.equal([`${namespace}/one`]));
    expect(seen.changed).to.deep.equal([`${namespace}/one`]);
  });

  it('takes no answer for "everything was deleted" that is not a list', async () => {
    await create('one');
    const informer = await start({ timing: { relistMs: 1000 } });
    const texts = ['{}', 'null', '', '<html>', '{"kind":"Status","metadata":{}}', '{"kind":"Conf'];
    const faults = texts.map((text): Fault => ({ kind: 'text', text }));
    proxy.decide = ({ isWatch }) => (isWatch ? undefined : faults.shift());
    await eventually(() => expect(faults).to.have.length(0));
    await eventually(() => expect(seen.resynced.length).to.be.greaterThan(0));
    expect(informer.list()).to.have.length(1);
    expect(seen.deleted).to.deep.equal([]);
  });

  it('waits as long as the server asks it to', async () => {
    const faults: Fault[] = [{ kind: 'status', status: 429, headers: { 'retry-after': '1' } }];
    proxy.decide = () => faults.shift();
    const startedAt = performance.now();
    await start();
    expect(performance.now() - startedAt).to.be.within(990, 3000);
  });

  it('goes on when a handler throws, and says so', async () => {
    const informer = await start({
      onChange: () => {
        throw new Error('handler');
      },
    });
    await create('one');
    await create('two');
    await eventually(() => expect(informer.list()).to.have.length(2));
    expect(log.messages('error')).to.have.length(2);
    log.lines.length = 0;
  });

  it('finds objects by its index', async () => {
    await create('a', { team: 'x' });
    await create('b', { team: 'y' });
    const informer = await start({ indexBy: ({ data }) => data?.['team'] });
    expect(informer.listBy('x').map(({ metadata }) => metadata.name)).to.deep.equal(['a']);
    await cluster.client.delete(configMaps, { namespace, name: 'a' });
    await eventually(() => expect(informer.listBy('x')).to.deep.equal([]));
  });

  describe('stop', () => {
    const phases: Record<string, { decide: FaultProxy['decide']; waitMs: number }> = {
      'at once': { decide: () => undefined, waitMs: 0 },
      'while the first list hangs': { decide: () => ({ kind: 'hang' }), waitMs: 50 },
      'while the first list fails': { decide: () => ({ kind: 'reset' }), waitMs: 50 },
      'while the watch hangs': {
        decide: ({ isWatch }) => (isWatch ? { kind: 'hang' } : undefined),
        waitMs: 100,
      },
      'while it watches': { decide: () => undefined, waitMs: 100 },
    };
    for (const [phase, { decide, waitMs }] of Object.entries(phases)) {
      it(`ends everything ${phase}`, async () => {
        proxy.decide = decide;
        const informer = build();
        informer.start();
        await sleep(waitMs);
        const startedAt = performance.now();
        await informer.stop();
        expect(performance.now() - startedAt).to.be.lessThan(500);
        // What was on its way may still arrive at the proxy.
        await sleep(50);
        const calls = proxy.calls.length;
        const told = seen.changed.length;
        await create('after');
        await sleep(300);
        expect(proxy.calls).to.have.length(calls);
        expect(seen.changed).to.have.length(told);
      });
    }

    it('tells those who wait for the first list', async () => {
      proxy.decide = () => ({ kind: 'hang' });
      const informer = build();
      informer.start();
      expect(await rejection(informer.synced(50))).to.be.instanceOf(InformerNotSyncedError);
      const waiting = rejection(informer.synced());
      await informer.stop();
      expect(await waiting).to.be.instanceOf(InformerNotSyncedError);
    });
  });

  it('loses nothing under all faults in turn', async () => {
    const faults: Fault[] = [
      { kind: 'reset' },
      { kind: 'cut', afterMs: 30 },
      { kind: 'end', afterMs: 30 },
      { kind: 'truncate', bytes: 700 },
      { kind: 'mute' },
      { kind: 'text', text: 'not json\n' },
      { kind: 'text', text: `${JSON.stringify({ type: 'ERROR', object: gone })}\n` },
      { kind: 'status', status: 403 },
      { kind: 'status', status: 429 },
      { kind: 'status', status: 410, body: gone },
      { kind: 'status', status: 500 },
      { kind: 'status', status: 503 },
    ];
    let calls = 0;
    let isCalm = false;
    proxy.decide = ({ isWatch }) => {
      if (isCalm) return undefined;
      calls += 1;
      // Every list meets a fault now and then, every watch meets one.
      return isWatch || calls % 3 === 0 ? faults[calls % faults.length] : undefined;
    };
    const informer = build({ timing: { idleMs: 200, relistMs: 1500 } });
    informer.start();
    for (let round = 0; round < 60; round += 1) {
      const name = `map-${round % 10}`;
      const existing = await cluster.client.get<ConfigMap>(configMaps, { namespace, name });
      if (!existing) await create(name, { round: String(round) });
      else if (round % 3 === 0) await cluster.client.delete(configMaps, existing.metadata);
      else {
        await cluster.client.replace(configMaps, { ...existing, data: { round: String(round) } });
      }
      await sleep(50);
    }
    isCalm = true;
    const versions = (objects: ConfigMap[]): string[] =>
      objects
        .map(
          ({ metadata }) =>
            `${metadata.name} ${metadata.uid ?? ''} ${metadata.resourceVersion ?? ''}`,
        )
        .sort();
    const truth = await cluster.client.list<ConfigMap>(configMaps, { namespace });
    await eventually(() => expect(versions(informer.list())).to.deep.equal(versions(truth)));
    expect(proxy.watches.length).to.be.greaterThan(12);
    const known = new Set(seen.changed);
    for (const { metadata } of truth) expect(known).to.include(`${namespace}/${metadata.name}`);
  });
});
