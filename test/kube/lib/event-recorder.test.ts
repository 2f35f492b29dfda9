import { expect } from 'chai';
import { createKubeClient } from '../../../lib/kube/create-kube-client.ts';
import { EventRecorder } from '../../../lib/kube/event-recorder.ts';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';
import { eventually } from '../../support/eventually.ts';
import { QuietLogger } from '../../support/quiet-logger.ts';

interface Event extends KubeObject {
  note: string;
  reason: string;
  regarding: { uid: string; kind: string };
  series?: { count: number };
}

const event = {
  type: 'Warning',
  reason: 'RunFailed',
  action: 'Provision',
  note: 'no luck',
} as const;

describe('EventRecorder', () => {
  const cluster = useTestCluster();
  let now: Date;
  let object: KubeObject;
  let log: QuietLogger;

  beforeEach(async () => {
    now = new Date();
    log = new QuietLogger();
    const namespace = await cluster.createNamespace();
    const metadata = { namespace, name: 'one' };
    object = await cluster.client.create(RESOURCE_TYPES.configMaps, {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata,
    });
  });

  function build(client = cluster.client): EventRecorder {
    const controller = 'quartermaster.dev/operator';
    return new EventRecorder({ client, controller, instance: 'a', log, clock: { now: () => now } });
  }

  function list(): Promise<Event[]> {
    const { namespace } = object.metadata;
    return cluster.client.list<Event>(RESOURCE_TYPES.events, { namespace });
  }

  it('never throws when events cannot be written', async () => {
    const kubeconfig = await cluster.controlPlane.writeKubeconfig('nobody', 'nobody');
    const nobody = createKubeClient({ kubeconfig });
    const recorder = build(nobody);
    recorder.record(object, event);
    await recorder.flush();
    await nobody.close();
    expect(await list()).to.deep.equal([]);
    expect(log.messages('debug')).to.deep.equal(['an event could not be written']);
  });

  it('writes by itself, with nobody who waits for it', async () => {
    build().record(object, event);
    await eventually(async () => expect(await list()).to.have.length(1));
  });

  it('drops none of a few hundred at once', async () => {
    const recorder = build();
    for (let count = 0; count < 300; count += 1) {
      recorder.record(object, { ...event, note: `number ${count}` });
    }
    await recorder.flush();
    expect(await list()).to.have.length(300);
  });

  it('counts repetitions in one event, also those of another process', async () => {
    const recorders = [build(), build()];
    for (const recorder of [...recorders, ...recorders]) {
      recorder.record(object, event);
      recorder.record(object, event);
      await recorder.flush();
      now = new Date(now.getTime() + 11_000);
    }
    const events = await list();
    expect(events).to.have.length(1);
    expect(events[0]?.series?.count).to.equal(4);
    expect(events[0]?.regarding.uid).to.equal(object.metadata.uid);
    expect(log.lines).to.deep.equal([]);
  });

  it('masks secrets and cuts what is too long', async () => {
    const recorder = build();
    const secret = 'postgres://app:hunter22@db:5432/app';
    recorder.record(object, { ...event, note: `${secret} ${'ä'.repeat(2000)}` });
    await recorder.flush();
    const [stored] = await list();
    expect(stored?.note).to.contain('(sensitive value)').and.not.contain('hunter22');
    expect(Buffer.byteLength(stored?.note ?? '')).to.be.at.most(1024);
  });
});
