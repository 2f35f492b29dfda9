/** A key and the moment at which it is due, in milliseconds. */
export interface DueKey {
  key: string;
  dueAt: number;
}

/** Keys by the moment at which they are due; each at most once. A binary heap. */
export class DelayHeap {
  /** Entries that were moved or removed stay behind here until they come up. */
  readonly #heap: DueKey[] = [];
  /** The truth. */
  readonly #dueAt = new Map<string, number>();

  /** Sets when a key is due; of two moments the earlier one holds. */
  set(key: string, dueAt: number): void {
    const known = this.#dueAt.get(key);
    if (known !== undefined && known <= dueAt) return;
    this.#dueAt.set(key, dueAt);
    this.#heap.push({ key, dueAt });
    this.#rise(this.#heap.length - 1);
  }

  remove(key: string): void {
    this.#dueAt.delete(key);
  }

  /** The moment at which the first key is due. */
  firstDueAt(): number | undefined {
    return this.#first()?.dueAt;
  }

  /** Removes the first key and gives it, if it is due by now. */
  takeDue(now: number): string | undefined {
    const first = this.#first();
    if (!first || first.dueAt > now) return undefined;
    this.#dueAt.delete(first.key);
    this.#dropTop();
    return first.key;
  }

  get size(): number {
    return this.#dueAt.size;
  }

  #first(): DueKey | undefined {
    for (let top = this.#heap[0]; top; top = this.#heap[0]) {
      if (this.#dueAt.get(top.key) === top.dueAt) return top;
      this.#dropTop();
    }
    return undefined;
  }

  #dropTop(): void {
    const last = this.#heap.pop();
    if (!last || this.#heap.length === 0) return;
    this.#heap[0] = last;
    this.#sink(0);
  }

  #rise(start: number): void {
    for (let index = start; index > 0;) {
      const parent = (index - 1) >> 1;
      if (this.#dueAtOf(parent) <= this.#dueAtOf(index)) return;
      this.#swap(parent, index);
      index = parent;
    }
  }

  #sink(start: number): void {
    for (let index = start; ;) {
      const [left, right] = [2 * index + 1, 2 * index + 2];
      const child = this.#dueAtOf(right) < this.#dueAtOf(left) ? right : left;
      if (this.#dueAtOf(index) <= this.#dueAtOf(child)) return;
      this.#swap(index, child);
      index = child;
    }
  }

  /** Beyond the end nothing is ever due. */
  #dueAtOf(index: number): number {
    return this.#heap[index]?.dueAt ?? Infinity;
  }

  #swap(a: number, b: number): void {
    const [first, second] = [this.#heap[a], this.#heap[b]];
    if (!first || !second) return;
    this.#heap[a] = second;
    this.#heap[b] = first;
  }
}
