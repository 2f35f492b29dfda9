import { createHash } from 'node:crypto';
import type { ApprovalClaims } from '../../crds/approval.ts';
import { LABELS, MANAGED_BY } from '../../crds/constants.ts';
import type { Clock } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { ConfigMap } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { retryOnConflict } from '../state/retry-on-conflict.ts';

/** Entries stay a little longer than the approval, for clocks that are apart. */
const MARGIN_SECONDS = 3600;
/** Enough of a hash to tell approvals apart. */
const KEY_CHARACTERS = 40;
/** Approvals that are remembered at once; more than requests are on their way. */
const CAPACITY = 10_000;

/**
 * Which resource used which approval: sixteen ConfigMaps in the runs namespace, where no tenant has
 * rights, with `<uid> <expiry>` under the hash of the approval's `jti`.
 *
 * An entry is written before the first run under an approval, and stays after the resource is
 * gone, so a resource that is deleted and made again cannot use the approval once more. It may go
 * when the approval has expired, since that starts nothing any more.
 */
export class ApprovalLedger {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #namespace: string;
  /** Who used what, as it was found or written: that never changes. */
  readonly #users = new Map<string, string>();
  /** Maps as they were last read, for the write that follows; each is used once. */
  readonly #read = new Map<string, ConfigMap>();

  constructor(options: { client: KubeClient; clock: Clock; runsNamespace: string }) {
    this.#client = options.client;
    this.#clock = options.clock;
    this.#namespace = options.runsNamespace;
  }

  /** Uid of the resource that used the approval, if one did. */
  async findUser(jti: string): Promise<string | undefined> {
    const known = this.#users.get(keyOf(jti));
    if (known !== undefined) return known;
    const map = await this.#fetch(jti);
    if (map !== undefined) this.#read.set(ledgerName(jti), map);
    return this.#remember(jti, map?.data?.[keyOf(jti)]);
  }

  /**
   * Binds the approval to a resource; one that is bound already stays as it is.
   *
   * @returns uid of the resource that it is bound to
   */
  async bind(claims: ApprovalClaims, uid: string): Promise<string | undefined> {
    const key = keyOf(claims.jti);
    const entry = `${uid} ${claims.exp}`;
    return retryOnConflict(async () => {
      const map = this.#takeRead(claims.jti) ?? (await this.#fetch(claims.jti));
      const bound = map?.data?.[key] ?? entry;
      if (map === undefined) {
        const built = this.#build(claims.jti, { [key]: entry });
        await this.#client.create(RESOURCE_TYPES.configMaps, built);
      } else if (map.data?.[key] === undefined) {
        const data = { ...this.#prune(map.data ?? {}), [key]: entry };
        await this.#client.replace(RESOURCE_TYPES.configMaps, { ...map, data });
      }
      return this.#remember(claims.jti, bound);
    });
  }

  /** One that has changed since is refused when it is written, and fetched then. */
  #takeRead(jti: string): ConfigMap | undefined {
    const name = ledgerName(jti);
    const map = this.#read.get(name);
    this.#read.delete(name);
    return map;
  }

  #remember(jti: string, entry: string | undefined): string | undefined {
    const user = entry?.split(' ')[0];
    if (user === undefined) return undefined;
    const [oldest] = this.#users.keys();
    if (oldest !== undefined && this.#users.size >= CAPACITY) this.#users.delete(oldest);
    this.#users.set(keyOf(jti), user);
    return user;
  }

  #fetch(jti: string): Promise<ConfigMap | undefined> {
    return this.#client.get<ConfigMap>(RESOURCE_TYPES.configMaps, {
      namespace: this.#namespace,
      name: ledgerName(jti),
    });
  }

  #build(jti: string, data: Record<string, string>): ConfigMap {
    return {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: ledgerName(jti),
        namespace: this.#namespace,
        labels: { [LABELS.managedBy]: MANAGED_BY, [LABELS.component]: 'used-approvals' },
      },
      data,
    };
  }

  #prune(data: Record<string, string>): Record<string, string> {
    const now = this.#clock.now().getTime() / 1000;
    return Object.fromEntries(
      Object.entries(data).filter(([, entry]) => {
        const expiry = Number(entry.split(' ')[1]);
        return !Number.isFinite(expiry) || expiry + MARGIN_SECONDS > now;
      }),
    );
  }
}

/** Name of the ConfigMap that an approval is written down in. */
export function ledgerName(jti: string): string {
  return `quartermaster-used-approvals-${hash(jti).charAt(0)}`;
}

function keyOf(jti: string): string {
  return hash(jti).slice(0, KEY_CHARACTERS);
}

function hash(jti: string): string {
  return createHash('sha256').update(jti).digest('hex');
}
