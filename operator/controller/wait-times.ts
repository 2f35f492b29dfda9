/** Since when each key could have been visited. */
export class WaitTimes {
  readonly #since = new Map<string, number>();

  /** Notes that a visit was asked for from this moment on; the earliest holds. */
  asked(key: string, at: number): void {
    const known = this.#since.get(key);
    if (known === undefined || at < known) this.#since.set(key, at);
  }

  /** Forgets a key whose visit begins. @returns how long it waited, in milliseconds */
  taken(key: string, now: number): number {
    const since = this.#since.get(key) ?? now;
    this.#since.delete(key);
    return Math.max(0, now - since);
  }
}
