import { createHash } from 'node:crypto';
import { LABELS } from '../../crds/constants.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { AlreadyExistsError } from '../../lib/kube/errors.ts';
import type { OwnerReference, Secret } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import type { Cipher } from './cipher.ts';
import { PlanAlteredError, SealBrokenError } from './errors.ts';
import { COMPONENTS, planChunkName, planName } from './names.ts';
import { planRecordSchema, type PlanRecord } from './plan-record.ts';
import type { SealedPlace, SealedStore } from './sealed-store.ts';
import { buildStoredSecret, readSecretBytes } from './sealed-secret.ts';
import { decodeState, encodeState } from './state-codec.ts';

const CHUNK_KEY = 'chunk';

/** A plan as it comes from the runner. */
export interface NewPlan extends Omit<PlanRecord, 'chunks'> {
  /** The plan file. */
  file: Buffer;
  /** The ResourceRun that made it: the plan goes with it. */
  owner: OwnerReference;
}

/**
 * Keeps saved plans, sealed, until they are decided. A plan is found by its digest, so nobody can
 * put another one in the place of the one that was approved.
 */
export class PlanStore {
  readonly #client: KubeClient;
  readonly #namespace: string;
  readonly #cipher: Cipher;
  readonly #sealed: SealedStore;

  constructor(client: KubeClient, namespace: string, cipher: Cipher, sealed: SealedStore) {
    this.#client = client;
    this.#namespace = namespace;
    this.#cipher = cipher;
    this.#sealed = sealed;
  }

  /** Keeps a plan; the same plan twice is that plan once. The record comes last: it names the rest. */
  async write(plan: NewPlan): Promise<void> {
    const { file, owner, ...rest } = plan;
    const chunks = await encodeState(file, chunkPlace(plan), this.#cipher);
    for (const [index, bytes] of chunks.entries()) await this.#writeChunk(plan, index, bytes);
    const record: PlanRecord = { ...rest, chunks: chunks.length };
    await this.#sealed.update(placeOf(plan.planDigest, plan.request.uid, owner), () => record);
  }

  /**
   * What is known about a plan.
   *
   * @returns undefined when there is none of that digest
   * @throws {PlanAlteredError} if it was tampered with
   */
  async find(planDigest: string): Promise<PlanRecord | undefined> {
    const key = { namespace: this.#namespace, name: planName(planDigest) };
    const secret = await this.#client.get<Secret>(RESOURCE_TYPES.secrets, key);
    if (secret === undefined) return undefined;
    // The label only says where to look: the seal holds for the uid that it was made for.
    const requestUid = secret.metadata.labels?.[LABELS.requestUid] ?? '';
    const place = placeOf(planDigest, requestUid);
    const kept = await unaltered(() => this.#sealed.open(secret, place));
    return kept === undefined ? undefined : planRecordSchema.parse(kept);
  }

  /** As {@link find}, with the tampering as an answer. */
  async look(planDigest: string): Promise<PlanRecord | 'altered' | undefined> {
    try {
      return await this.find(planDigest);
    } catch (error) {
      if (error instanceof PlanAlteredError) return 'altered';
      throw error;
    }
  }

  /**
   * The plan file, byte for byte.
   *
   * @param record what is known about the plan
   * @param first its first piece, where that was read before: most plans have no other
   * @throws {PlanAlteredError} if a byte of it is not as it was, or a piece is gone
   */
  async readFile(record: PlanRecord, first?: Buffer): Promise<Buffer> {
    const chunks: Buffer[] = first === undefined ? [] : [first];
    for (let index = chunks.length; index < record.chunks; index += 1) {
      const piece = await this.readPiece(record.planDigest, index);
      if (piece === undefined) throw new PlanAlteredError();
      chunks.push(piece);
    }
    const file = await unaltered(() => decodeState(chunks, chunkPlace(record), this.#cipher));
    if (digestOf(file) !== record.planDigest) throw new PlanAlteredError();
    return file;
  }

  /** One of the sealed pieces of a plan file; undefined if there is none of that number. */
  async readPiece(planDigest: string, index: number): Promise<Buffer | undefined> {
    const key = { namespace: this.#namespace, name: planChunkName(planDigest, index) };
    const secret = await this.#client.get<Secret>(RESOURCE_TYPES.secrets, key);
    return secret === undefined ? undefined : readSecretBytes(secret, CHUNK_KEY);
  }

  /** Deletes a plan; the record goes first, so that no half of one is ever found. */
  async remove(planDigest: string): Promise<void> {
    const { secrets } = RESOURCE_TYPES;
    const key = { namespace: this.#namespace, name: planName(planDigest) };
    await this.#client.delete(secrets, key);
    for (let index = 0; ; index += 1) {
      const name = planChunkName(planDigest, index);
      if (!(await this.#client.delete(secrets, { ...key, name }))) return;
    }
  }

  async #writeChunk(plan: NewPlan, index: number, bytes: Buffer): Promise<void> {
    const built = buildStoredSecret(
      {
        namespace: this.#namespace,
        name: planChunkName(plan.planDigest, index),
        component: COMPONENTS.planChunk,
        requestUid: plan.request.uid,
      },
      { [CHUNK_KEY]: bytes },
    );
    built.metadata.ownerReferences = [plan.owner];
    try {
      await this.#client.create(RESOURCE_TYPES.secrets, { ...built, immutable: true });
    } catch (error) {
      // A runner that got no answer sends the same plan again; the seals differ, the plan does not.
      if (!(error instanceof AlreadyExistsError)) throw error;
    }
  }
}

/** SHA-256 of a plan file, as approvals carry it. */
export function digestOf(file: Buffer): string {
  return `sha256:${createHash('sha256').update(file).digest('hex')}`;
}

/** Whatever goes wrong with opening what we sealed: it is not what we sealed. */
async function unaltered<T>(open: () => T | Promise<T>): Promise<T> {
  try {
    return await open();
  } catch (cause) {
    if (cause instanceof SealBrokenError) throw new PlanAlteredError({ cause });
    throw cause;
  }
}

function placeOf(planDigest: string, requestUid: string, owner?: OwnerReference): SealedPlace {
  return { name: planName(planDigest), component: COMPONENTS.plan, requestUid, owner };
}

/** The codec's seal is bound to the digest in the place of a writer, so that no state passes for a plan. */
function chunkPlace({ planDigest, request }: Pick<PlanRecord, 'planDigest' | 'request'>) {
  return { requestUid: request.uid, number: 0, writer: planDigest };
}
