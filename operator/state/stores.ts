import { LABELS } from '../../crds/constants.ts';
import type { Clock } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { Cipher } from './cipher.ts';
import { GeneratedStore } from './generated-store.ts';
import { IdentityStore } from './identity-store.ts';
import { LiveKeys } from './live-keys.ts';
import { LogStore } from './log-store.ts';
import { COMPONENTS } from './names.ts';
import { OutputStore } from './output-store.ts';
import { PlanStore } from './plan-store.ts';
import { SealedStore } from './sealed-store.ts';
import { loadStateKeys } from './state-keys.ts';
import { StateLock } from './state-lock.ts';
import { StateStore } from './state-store.ts';

/** Everything that is kept for requests, in the runs namespace. */
export interface Stores {
  /** What everything is sealed with. */
  keys: LiveKeys;
  cipher: Cipher;
  state: StateStore;
  lock: StateLock;
  outputs: OutputStore;
  generated: GeneratedStore;
  identity: IdentityStore;
  logs: LogStore;
  plans: PlanStore;
  /**
   * Breaks the lock that a run left behind. Only for callers who have proof that no pod of that run
   * is left, and none can come: whoever was still writing is refused from then on.
   *
   * @returns false when that run did not hold it
   */
  releaseLock(requestUid: string, run: string): Promise<boolean>;
  /** Deletes everything kept for a request: state, lock, outputs, generated values, logs. */
  removeAll(requestUid: string): Promise<void>;
}

/** What {@link openStores} needs. */
export interface StoresOptions {
  client: KubeClient;
  /** The runs namespace. */
  namespace: string;
  clock: Clock;
}

/** Opens the stores; makes the keys at the first start. */
export async function openStores(options: StoresOptions): Promise<Stores> {
  const { client, namespace } = options;
  const keys = await LiveKeys.open({ load: () => loadStateKeys(client, namespace) });
  const cipher = new Cipher(keys);
  const sealed = new SealedStore(client, namespace, cipher);
  const lock = new StateLock(options);
  const state = new StateStore({ ...options, cipher, lock });
  return {
    keys,
    cipher,
    state,
    lock,
    outputs: new OutputStore(sealed),
    generated: new GeneratedStore(sealed),
    identity: new IdentityStore(sealed),
    logs: new LogStore(client, namespace),
    plans: new PlanStore(client, namespace, cipher, sealed),
    releaseLock: async (requestUid, run) => {
      const released = await lock.release(requestUid, (holder) => holder.run === run);
      // Also when it was given back before: whoever released it may have ended before it fenced.
      const last = released ? undefined : await lock.findLastHolder(requestUid);
      if (released || last?.run === run) await state.fence(requestUid);
      return released;
    },
    removeAll: async (requestUid) => {
      // By the index first: a list of Secrets would carry all chunks of all versions with it.
      await state.remove(requestUid);
      await removeLabelled(options, requestUid);
    },
  };
}

async function removeLabelled(options: StoresOptions, requestUid: string): Promise<void> {
  const { client, namespace } = options;
  const components = Object.values(COMPONENTS).join(',');
  const labelSelector = `${LABELS.requestUid}=${requestUid},${LABELS.component} in (${components})`;
  const { secrets, leases, configMaps } = RESOURCE_TYPES;
  for (const type of [secrets, leases, configMaps]) {
    const found = await client.list(type, { namespace, labelSelector });
    for (const { metadata } of found) await client.delete(type, metadata);
  }
}
