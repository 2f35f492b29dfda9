import type { OwnerReference } from '../../lib/kube/objects.ts';
import { COMPONENTS, runLogName } from './names.ts';
import type { SealedPlace, SealedStore } from './sealed-store.ts';

/** Sealed size of a log at which it is cut: what one Secret holds, with room to spare. */
const LIMIT_BYTES = 896 * 1024;
/** Room for the line that says so. */
const CUT_BYTES = 1024;
/** Sorts behind every part. */
const CUT_KEY = 'cut';

/** Which log. */
export interface LogOwner {
  run: string;
  requestUid: string;
  /** The ResourceRun: its log goes with it. */
  owner?: OwnerReference | undefined;
}

/** Keeps the log of each run, in parts, so that it can be read when the pod is gone. */
export class LogStore {
  readonly #sealed: SealedStore;

  constructor(sealed: SealedStore) {
    this.#sealed = sealed;
  }

  /**
   * Adds a part of a log; the same part twice is that part once.
   *
   * @param log which log
   * @param sequence position of the part, from 0
   * @param text masked already
   */
  async append(log: LogOwner, sequence: number, text: string): Promise<void> {
    const place = placeOf(log);
    const key = String(sequence).padStart(8, '0');
    if (await this.#sealed.append(place, { key, value: text }, LIMIT_BYTES)) return;
    const cut = { key: CUT_KEY, value: '… the rest of this log was too long to keep\n' };
    await this.#sealed.append(place, cut, LIMIT_BYTES + CUT_BYTES);
  }

  /** The log so far; empty when there is none. */
  async read(log: LogOwner): Promise<string> {
    const parts = await this.#sealed.readEntries(placeOf(log));
    return parts.map(({ value }) => (typeof value === 'string' ? value : '')).join('');
  }
}

function placeOf({ run, requestUid, owner }: LogOwner): SealedPlace {
  return { name: runLogName(run), component: COMPONENTS.runLog, requestUid, owner };
}
