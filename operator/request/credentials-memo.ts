import type { ResourceRequest } from '../../crds/resource-request.ts';
import { digest } from '../../lib/canonical-json.ts';
import type { Secret } from '../../lib/kube/objects.ts';

/** Requests that are remembered at once; more than one operator is made for. */
const CAPACITY = 50_000;

/** A request and the Secret beside it, as they were found to agree. */
export interface AgreedCredentials {
  request: ResourceRequest;
  /** Undefined where the class has none. */
  secret: Secret | undefined;
  /** What the status shows of the outputs. */
  publicOutputs: Record<string, unknown> | undefined;
}

/**
 * Remembers which Secrets agree with the outputs of which run, so that a request at rest costs no
 * call and no decryption. The outputs of a run do not change, nor does a Secret of one resource
 * version; one digest over their names and versions stands for both, and no value is kept.
 */
export class CredentialsMemo {
  readonly #agreed = new Map<string, string>();
  readonly #capacity: number;

  constructor(capacity = CAPACITY) {
    this.#capacity = capacity;
  }

  /** How many requests are remembered. */
  get size(): number {
    return this.#agreed.size;
  }

  /** Whether anything was found to agree for a request, so that {@link has} is worth a question. */
  knows(requestUid: string): boolean {
    return this.#agreed.has(requestUid);
  }

  /** Whether exactly this was found to agree before. */
  has(agreed: AgreedCredentials): boolean {
    const { uid = '' } = agreed.request.metadata;
    return this.#agreed.get(uid) === describe(agreed);
  }

  /** Remembers that this agrees; of a request only the last is remembered. */
  remember(agreed: AgreedCredentials): void {
    const { uid = '' } = agreed.request.metadata;
    this.#agreed.delete(uid);
    const [oldest] = this.#agreed.keys();
    if (oldest !== undefined && this.#agreed.size >= this.#capacity) this.#agreed.delete(oldest);
    this.#agreed.set(uid, describe(agreed));
  }
}

function describe({ request, secret, publicOutputs }: AgreedCredentials): string {
  const { run, classRevision } = request.status?.applied ?? {};
  const { uid, resourceVersion } = secret?.metadata ?? {};
  return digest([run, classRevision, uid, resourceVersion, publicOutputs].map(orNull));
}

/** In a digest there is no undefined. */
function orNull<T>(value: T | undefined): T | null {
  return value ?? null;
}
