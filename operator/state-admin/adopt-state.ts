import { randomUUID } from 'node:crypto';
import type { ResourceRequest } from '../../crds/resource-request.ts';
import { RESOURCE_REQUESTS } from '../../crds/resource-types.ts';
import { StateAdminError } from './errors.ts';
import type { StateAdmin } from './perform-command.ts';

/**
 * Gives a request the state of one that is gone: what its module made, the values that were
 * generated for it, and the name that the module knew it by. A restored resource has another uid
 * than before, and would make everything a second time. Again is no harm, and what was copied stays
 * where it was.
 *
 * @param from uid of the request that is gone
 * @param uid of the request that takes its place
 * @throws {StateAdminError} where one of them is not what it has to be
 * @throws {StateLockedError} while a run of the request is at work
 */
export async function adoptState(admin: StateAdmin, from: string, uid: string): Promise<void> {
  const { state, lock, generated, identity } = admin.stores;
  if (await isThere(admin, from)) {
    throw new StateAdminError(`The request with uid ${from} is still there; two cannot share.`);
  }
  const holder = { run: `adopt-${randomUUID()}`, instance: 'state-admin' };
  await lock.acquire(uid, holder);
  try {
    const bytes = await state.read(from);
    if (bytes === undefined) throw new StateAdminError(`There is no state of ${from}.`);
    if ((await state.readIndex(uid)).last > 0) {
      throw new StateAdminError('The request has a state of its own already.');
    }
    await generated.copy(from, uid);
    await identity.keep(uid, await identity.find(from));
    await state.write(uid, bytes, holder);
  } finally {
    await lock.release(uid, ({ run }) => run === holder.run);
  }
}

async function isThere({ client }: StateAdmin, uid: string): Promise<boolean> {
  const requests = await client.list<ResourceRequest>(RESOURCE_REQUESTS, {});
  return requests.some(({ metadata }) => metadata.uid === uid);
}
