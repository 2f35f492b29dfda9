import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import { systemClock } from '../../../../lib/clock.ts';
import type { Secret } from '../../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import { SealBrokenError } from '../../../../operator/state/errors.ts';
import type { GeneratedValue } from '../../../../operator/state/generate-value.ts';
import { openStores, type Stores } from '../../../../operator/state/stores.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';
import { rejection } from '../../../support/rejection.ts';

describe('What is sealed in Secrets of a real API server', () => {
  const cluster = useTestCluster();
  const password: GeneratedValue = { length: 32, characters: 'alphanumeric' };
  let namespace: string;
  let stores: Stores;
  let uid: string;

  const open = (): Promise<Stores> =>
    openStores({ client: cluster.client, namespace, clock: systemClock });

  before(async () => {
    namespace = await cluster.createNamespace();
    stores = await open();
  });
  beforeEach(() => {
    uid = randomUUID();
  });

  it('is not believed when it was moved from another request', async () => {
    const other = randomUUID();
    await stores.outputs.write(other, { values: { host: 'theirs' }, sensitive: [] });
    const key = { namespace, name: `outputs-${other}` };
    const { data, ...rest } = (await cluster.client.get<Secret>(RESOURCE_TYPES.secrets, key))!;
    const metadata = { namespace, name: `outputs-${uid}` };
    await cluster.client.create<Secret>(RESOURCE_TYPES.secrets, { ...rest, metadata, data });
    expect(await rejection(stores.outputs.read(uid))).to.be.instanceOf(SealBrokenError);
  });

  it('gives outputs back, undefined before there are any', async () => {
    expect(await stores.outputs.read(uid)).to.equal(undefined);
    await stores.outputs.write(uid, { values: { port: 5432 }, sensitive: [] });
    await stores.outputs.write(uid, { values: { port: 5433 }, sensitive: ['port'] });
    expect(await stores.outputs.readAll(uid)).to.deep.equal({
      values: { port: 5433 },
      sensitive: ['port'],
    });
  });

  it('makes generated values once, also when two operators start at once', async () => {
    const [first, second] = await Promise.all([open(), open()]);
    const values = await Promise.all([
      first.generated.obtain(uid, { password }),
      second.generated.obtain(uid, { password }),
    ]);
    expect(values[0]).to.deep.equal(values[1]);
    expect(values[0].values['password']).to.match(/^[A-Za-z0-9]{32}$/);
  });

  it('adds generated values that a newer class asks for, and keeps the others', async () => {
    const before = await stores.generated.obtain(uid, { password });
    const after = await stores.generated.obtain(uid, {
      password,
      key: { length: 64, characters: 'hex' },
    });
    expect(after.values['password']).to.equal(before.values['password']);
    expect(after.values['key']).to.match(/^[0-9a-f]{64}$/);
  });

  it('takes over the values that an approved plan was made with, unless there are some', async () => {
    const planned = async (value: string): Promise<string | undefined> => {
      const choice = { rotation: undefined, mayMakeNew: true, planned: { password: value } };
      return (await stores.generated.obtain(uid, { password }, choice)).values['password'];
    };
    expect(await planned('of-the-plan')).to.equal('of-the-plan');
    expect(await planned('of-another-plan')).to.equal('of-the-plan');
  });

  it('knows a request by its uid, or by what a plan before it was made with, for good', async () => {
    expect(await stores.identity.find(uid)).to.equal(uid);
    expect(await stores.identity.keep(uid, uid)).to.equal(uid);
    expect(await stores.identity.keep(uid, 'planned-as')).to.equal('planned-as');
    expect(await stores.identity.keep(uid, 'planned-again-as')).to.equal('planned-as');
    expect(await stores.identity.keep(uid, uid)).to.equal('planned-as');
    expect(await stores.identity.find(uid)).to.equal('planned-as');
  });

  describe('of a rotation', () => {
    const wanted = { password };
    const obtain = async (rotation?: string, mayMakeNew = true): Promise<string> => {
      const { values } = await stores.generated.obtain(uid, wanted, { rotation, mayMakeNew });
      return values['password'] ?? '';
    };

    it('are not in force before a run has applied them, and the same for every run', async () => {
      const old = await obtain();
      const [first, second] = await Promise.all([obtain('one'), obtain('one')]);
      expect(first).to.equal(second).and.not.to.equal(old);
      expect(await obtain()).to.equal(old);
    });

    it('are in force once they were applied, also when that is said twice', async () => {
      await obtain();
      const made = await obtain('one');
      await stores.generated.adopt(uid, 'one');
      await stores.generated.adopt(uid, 'one');
      expect(await obtain()).to.equal(made);
      expect(await obtain('one')).to.equal(made);
    });

    it('do not come into force by the success of another one', async () => {
      const old = await obtain();
      await obtain('two');
      await stores.generated.adopt(uid, 'one');
      expect(await obtain()).to.equal(old);
    });

    it('are not made by a run that only destroys', async () => {
      const old = await obtain();
      expect(await obtain('one', false)).to.equal(old);
      const made = await obtain('one');
      expect(await obtain('one', false)).to.equal(made);
    });

    it('are masked together with those in force', async () => {
      const values = [await obtain(), await obtain('one')];
      const { known } = await stores.generated.obtain(uid, wanted);
      expect(known).to.have.members(values);
    });

    it('are the first ones of a request that asks for a rotation from the start', async () => {
      const made = await obtain('one');
      expect(await obtain()).to.equal(made);
      expect(await obtain('one')).to.equal(made);
    });
  });
});
