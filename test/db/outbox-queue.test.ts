import { expect } from 'chai';
import { enqueueOutbox, type OutboxKind } from '../../api/db/outbox.ts';
import { OutboxListener } from '../../api/sync/relay/outbox-listener.ts';
import { OutboxQueue } from '../../api/sync/relay/outbox-queue.ts';
import { buildTeam } from '../support/api/people.ts';
import { startTestApi, unique, type TestApi } from '../support/api/test-api.ts';
import { eventually } from '../support/eventually.ts';

describe('the outbox as a queue', () => {
  let api: TestApi;
  let organizationId: string;
  let queue: OutboxQueue;
  before(async () => {
    api = await startTestApi();
    organizationId = (await buildTeam(api)).organizationId;
  });
  beforeEach(async () => {
    queue = new OutboxQueue(api.deps.database, { owner: 'one', leaseSeconds: 30 });
    await api.deps.database.withSystem('test', (trx) => trx('outbox').delete());
  });
  after(() => api.close());

  const put = async (key: string, kind: OutboxKind = 'resource-request'): Promise<void> => {
    await api.deps.database.withSystem('test', (trx) =>
      enqueueOutbox(trx, { organizationId, kind, key, payload: {} }),
    );
  };
  const keysOf = (tasks: { key: string }[]): string[] => tasks.map(({ key }) => key);
  const endLease = async (): Promise<void> => {
    await api.deps.database.withSystem('test', (trx) =>
      trx('outbox').update({ claimed_until: trx.raw("now() - interval '1 second'") }),
    );
  };

  it('gives a row to one relay only, however many ask at once', async () => {
    const keys = Array.from({ length: 60 }, (_, index) => `key-${index}`);
    for (const key of keys) await put(key);
    const claims = await Promise.all(Array.from({ length: 5 }, () => queue.claim(20)));
    const claimed = keysOf(claims.flat());
    expect(new Set(claimed).size).to.equal(claimed.length);
    for (let more = await queue.claim(20); more.length > 0; more = await queue.claim(20)) {
      claimed.push(...keysOf(more));
    }
    expect(claimed).to.have.members(keys);
  });

  it('never gives out two rows of one key at once', async () => {
    const key = unique('key');
    await put(key);
    await put(key);
    const [first, ...others] = await queue.claim(20);
    expect(others).to.be.empty;
    expect(await queue.claim(20)).to.be.empty;
    await queue.complete(first!.id);
    expect(keysOf(await queue.claim(20))).to.deep.equal([key]);
  });

  it('gives a row out again when the lease of a relay that died has run out', async () => {
    await put('left');
    await queue.claim(20);
    expect(await queue.claim(20)).to.be.empty;
    await endLease();
    const [again] = await queue.claim(20);
    expect(again).to.include({ key: 'left', attempts: 2 });
  });

  it('lets a row that is tried later not hold up a newer one of its key', async () => {
    await put('slow');
    const [task] = await queue.claim(20);
    await queue.retry(task!.id, 60_000, 'the API server is away');
    expect(await queue.claim(20)).to.be.empty;
    await put('slow');
    expect(keysOf(await queue.claim(20))).to.deep.equal(['slow']);
  });

  it('never gives out what is done or given up, and forgets what was done long ago', async () => {
    await put('done');
    await put('dead');
    const tasks = await queue.claim(20);
    await queue.complete(tasks.find(({ key }) => key === 'done')!.id);
    await queue.bury(tasks.find(({ key }) => key === 'dead')!.id, 'refused');
    await endLease();
    expect(await queue.claim(20)).to.be.empty;
    expect(await queue.prune()).to.equal(0);
    await api.deps.database.withSystem('test', (trx) =>
      trx('outbox')
        .whereNotNull('done_at')
        .update({ done_at: trx.raw("now() - interval '2 hours'") }),
    );
    expect(await queue.prune()).to.equal(1);
  });

  it('wakes its listener, also after the connection was cut', async () => {
    let notifications = 0;
    const listener = new OutboxListener({
      url: api.database.systemUrl,
      onNotification: () => (notifications += 1),
      log: api.deps.log,
    });
    listener.start();
    try {
      await eventually(() => expect(notifications).to.equal(1));
      await put('first');
      await eventually(() => expect(notifications).to.equal(2));
      // A login may end its own connections.
      await api.deps.database.withSystem('test', (trx) =>
        trx.raw(`select pg_terminate_backend(pid) from pg_stat_activity
          where application_name = 'quartermaster-relay-listen'`),
      );
      await eventually(() => expect(notifications).to.be.at.least(3));
      await put('second');
      await eventually(() => expect(notifications).to.be.at.least(4));
    } finally {
      await listener.stop();
    }
  });
});
