import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ResourceRequest } from '../../crds/resource-request.ts';
import { RESOURCE_REQUESTS } from '../../crds/resource-types.ts';
import type { Clock } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { KeyRotation } from '../state/key-rotation.ts';
import { Resealer } from '../state/resealer.ts';
import type { Stores } from '../state/stores.ts';
import { adoptState } from './adopt-state.ts';
import { describeState, describeVersions, formatTable, raiseSerial } from './describe-state.ts';
import { StateAdminError } from './errors.ts';
import type { StateAdminCommand, StateTarget } from './parse-arguments.ts';

/** What the commands work with. */
export interface StateAdmin {
  client: KubeClient;
  /** The runs namespace. */
  namespace: string;
  clock: Clock;
  stores: Stores;
}

/**
 * Does what was asked for.
 *
 * @returns what to print
 * @throws {StateAdminError} {@link StateLockedError} {@link KeyInUseError} if that cannot be done
 */
export async function performCommand(
  admin: StateAdmin,
  command: Exclude<StateAdminCommand, { kind: 'help' }>,
): Promise<string> {
  switch (command.kind) {
    case 'list': {
      const uid = await findUid(admin, command.target);
      return describeVersions(await admin.stores.state.readIndex(uid));
    }
    case 'show':
      return show(admin, command);
    case 'restore':
      return restore(admin, command);
    case 'adopt':
      await adoptState(admin, command.from, await findUid(admin, command.target));
      return `the request has the state of ${command.from}\n`;
    case 'keys':
      return listKeys(admin);
    case 'rotate-keys':
      return rotateKeys(admin, command.waitSeconds);
    case 'reseal':
      return `${await new Resealer({ ...admin, ...admin.stores }).reseal()} sealed anew\n`;
    case 'remove-key':
      return removeKey(admin, command.kid);
  }
}

async function findUid({ client }: StateAdmin, target: StateTarget): Promise<string> {
  if ('uid' in target) return target.uid;
  const uid = (await client.get<ResourceRequest>(RESOURCE_REQUESTS, target))?.metadata.uid;
  if (uid !== undefined) return uid;
  throw new StateAdminError(`There is no ResourceRequest ${target.namespace}/${target.name}.`);
}

async function show(
  admin: StateAdmin,
  { target, version, isRaw }: Extract<StateAdminCommand, { kind: 'show' }>,
): Promise<string> {
  const uid = await findUid(admin, target);
  const { state } = admin.stores;
  const bytes = await (version === undefined ? state.read(uid) : state.readVersion(uid, version));
  if (bytes === undefined) throw new StateAdminError('There is no such version.');
  return isRaw ? bytes.toString('utf8') : describeState(bytes.toString('utf8'));
}

/** Under the lock, so that no run is at work; as a new version, so that nothing is lost. */
async function restore(
  admin: StateAdmin,
  { target, version }: Extract<StateAdminCommand, { kind: 'restore' }>,
): Promise<string> {
  const { state, lock } = admin.stores;
  const uid = await findUid(admin, target);
  const holder = { run: `restore-${randomUUID()}`, instance: 'state-admin' };
  await lock.acquire(uid, holder);
  try {
    const [wanted, current] = [await state.readVersion(uid, version), await state.read(uid)];
    if (wanted === undefined) throw new StateAdminError(`There is no version ${version}.`);
    const text = raiseSerial(wanted.toString('utf8'), current?.toString('utf8'));
    await state.write(uid, Buffer.from(text), holder);
    const { current: number } = await state.readIndex(uid);
    return `version ${version} is the state again, as version ${number}\n`;
  } finally {
    await lock.release(uid, ({ run }) => run === holder.run);
  }
}

async function listKeys(admin: StateAdmin): Promise<string> {
  const keys = await new KeyRotation(admin.client, admin.namespace, admin.clock).list();
  const uses = await new Resealer({ ...admin, ...admin.stores }).countUses();
  const rows = keys.map(({ kid, isCurrent, retiredAt }) => [
    kid,
    isCurrent ? 'seals' : retiredAt === undefined ? 'new' : `retired ${retiredAt}`,
    String(uses.get(kid) ?? 0),
  ]);
  return formatTable([['KEY', 'STATE', 'NEEDED FOR'], ...rows]);
}

/** First everybody learns the key, then it seals: so nobody ever finds what he cannot open. */
async function rotateKeys(admin: StateAdmin, waitSeconds: number): Promise<string> {
  const rotation = new KeyRotation(admin.client, admin.namespace, admin.clock);
  const kid = await rotation.add();
  await sleep(waitSeconds * 1000);
  await rotation.use(kid);
  return `the key ${kid} seals from now on\n`;
}

async function removeKey(admin: StateAdmin, kid: string): Promise<string> {
  const uses = (await new Resealer({ ...admin, ...admin.stores }).countUses()).get(kid) ?? 0;
  if (uses > 0) throw new StateAdminError(`The key ${kid} is needed for ${uses} objects.`);
  await new KeyRotation(admin.client, admin.namespace, admin.clock).remove(kid);
  return `the key ${kid} is removed\n`;
}
