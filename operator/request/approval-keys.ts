import type { JSONWebKeySet } from 'jose';
import { approvalClaimsSchema, APPROVAL_TYPE } from '../../crds/approval.ts';
import { APPROVAL_KEYS } from '../../crds/constants.ts';
import type { Clock } from '../../lib/clock.ts';
import { InvalidSignatureError, verifyJws } from '../../lib/jws.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { ConfigMap } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import type { ApprovalEvidence } from './observation.ts';

/** How long keys are believed without looking again; a revoked one ends within this. */
const KEYS_LIFE_MS = 30_000;
/** Least time between two looks, so that a flood of forged approvals reads nothing. */
const COOLDOWN_MS = 1_000;

/** An approval as far as its signature tells; who used it stands in the ledger. */
export type SignedApproval =
  | Exclude<ApprovalEvidence, { kind: 'signed' }>
  | Omit<Extract<ApprovalEvidence, { kind: 'signed' }>, 'usedBy'>;

/** Verifies approvals with the keys that the api publishes. */
export class ApprovalKeys {
  readonly #client: KubeClient;
  readonly #clock: Clock;
  readonly #namespace: string;
  #keys: JSONWebKeySet | undefined;
  #readAt = -Infinity;

  constructor(options: { client: KubeClient; clock: Clock; systemNamespace: string }) {
    this.#client = options.client;
    this.#clock = options.clock;
    this.#namespace = options.systemNamespace;
  }

  /** Judges an approval; a signature that fails is tried again with fresh keys, they may be new. */
  async examine(token: string | undefined): Promise<SignedApproval> {
    if (token === undefined) return { kind: 'none' };
    const known = await this.#read(KEYS_LIFE_MS);
    const first = await examineWith(token, known);
    if (first.kind !== 'unbelievable') return first;
    const fresh = await this.#read(COOLDOWN_MS);
    return fresh === known ? first : examineWith(token, fresh);
  }

  async #read(lifeMs: number): Promise<JSONWebKeySet | undefined> {
    const now = this.#clock.now().getTime();
    if (now - this.#readAt < lifeMs) return this.#keys;
    const map = await this.#client.get<ConfigMap>(RESOURCE_TYPES.configMaps, {
      namespace: this.#namespace,
      name: APPROVAL_KEYS.configMap,
    });
    this.#readAt = now;
    this.#keys = parseKeys(map?.data?.[APPROVAL_KEYS.dataKey]);
    return this.#keys;
  }
}

async function examineWith(
  token: string,
  keys: JSONWebKeySet | undefined,
): Promise<SignedApproval> {
  if (keys === undefined) {
    return { kind: 'unbelievable', message: 'No keys are published to verify approvals with.' };
  }
  try {
    const claims = approvalClaimsSchema.safeParse(await verifyJws(token, keys, APPROVAL_TYPE));
    return claims.success
      ? { kind: 'signed', claims: claims.data }
      : { kind: 'unbelievable', message: 'The approval does not say what an approval says.' };
  } catch (error) {
    if (!(error instanceof InvalidSignatureError)) throw error;
    return { kind: 'unbelievable', message: 'The approval was not signed by the platform.' };
  }
}

function parseKeys(text: string | undefined): JSONWebKeySet | undefined {
  if (text === undefined) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    const isSet =
      typeof value === 'object' && value !== null && 'keys' in value && Array.isArray(value.keys);
    return isSet ? (value as JSONWebKeySet) : undefined;
  } catch {
    return undefined;
  }
}
