/** Consumed places are given back once there are so many. */
const COMPACT_AT = 1024;

/**
 * Keys in the order in which they came, each at most once. Not a bare Set: looking for the first
 * of a Set walks over everything that was deleted before it.
 */
export class KeyQueue {
  /** May hold keys that were deleted; `#members` is the truth. */
  #order: string[] = [];
  #head = 0;
  readonly #members = new Set<string>();

  get size(): number {
    return this.#members.size;
  }

  has(key: string): boolean {
    return this.#members.has(key);
  }

  add(key: string): void {
    if (this.#members.has(key)) return;
    this.#members.add(key);
    this.#order.push(key);
  }

  delete(key: string): void {
    this.#members.delete(key);
  }

  /** Removes the first key and gives it; undefined when there is none. */
  take(): string | undefined {
    while (this.#head < this.#order.length) {
      const key = this.#order[this.#head];
      this.#head += 1;
      if (key !== undefined && this.#members.delete(key)) {
        this.#compact();
        return key;
      }
    }
    this.#order = [];
    this.#head = 0;
    return undefined;
  }

  #compact(): void {
    if (this.#head < COMPACT_AT || this.#head * 2 < this.#order.length) return;
    this.#order = this.#order.slice(this.#head);
    this.#head = 0;
  }
}
