import type { KeyObject } from 'node:crypto';
import type { KeyRing } from './cipher.ts';
import { SealBrokenError } from './errors.ts';

/** How often the keys are read again. Whoever changes them waits for longer than this in between. */
const REFRESH_MS = 15_000;
/** Keys that were not read again for so long are not sealed with: one may have been removed. */
const STALE_MS = 5 * 60_000;

/** What {@link LiveKeys} needs. */
export interface LiveKeysOptions {
  /** Reads the keys as they are now. */
  load: () => Promise<KeyRing>;
  refreshMs?: number | undefined;
  staleMs?: number | undefined;
}

/** The keys as they are now: read again all the time, so that they change while everything runs. */
export class LiveKeys implements KeyRing {
  readonly #options: LiveKeysOptions;
  readonly #timer: NodeJS.Timeout;
  #ring: KeyRing;
  #readAt = performance.now();

  private constructor(options: LiveKeysOptions, ring: KeyRing) {
    this.#options = options;
    this.#ring = ring;
    this.#timer = setInterval(() => {
      // What cannot be read now is read the next time; until then the known keys hold.
      this.refresh().catch(() => undefined);
    }, options.refreshMs ?? REFRESH_MS);
    this.#timer.unref();
  }

  /** Reads the keys, and goes on doing so. */
  static async open(options: LiveKeysOptions): Promise<LiveKeys> {
    return new LiveKeys(options, await options.load());
  }

  /** @throws {SealBrokenError} if nobody could read the keys for too long */
  get currentKid(): string {
    if (performance.now() - this.#readAt > (this.#options.staleMs ?? STALE_MS)) {
      throw new SealBrokenError('the keys could not be read for a while: nothing is sealed');
    }
    return this.#ring.currentKid;
  }

  get keys(): ReadonlyMap<string, KeyObject> {
    return this.#ring.keys;
  }

  /** Reads the keys now. */
  async refresh(): Promise<void> {
    this.#ring = await this.#options.load();
    this.#readAt = performance.now();
  }

  /** Reads them no more. */
  stop(): void {
    clearInterval(this.#timer);
  }
}
