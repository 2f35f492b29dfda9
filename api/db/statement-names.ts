/**
 * Names for prepared statements: the same text has the same name, so that each connection parses
 * and plans it once. Bounded, because every connection keeps what it has prepared.
 */
export class StatementNames {
  readonly #names = new Map<string, string>();
  readonly #most: number;

  /** @param most how many texts get a name; later ones get none */
  constructor(most: number) {
    this.#most = most;
  }

  /** The name of a text, or undefined when there are too many. */
  of(text: string): string | undefined {
    const known = this.#names.get(text);
    if (known !== undefined || this.#names.size >= this.#most) return known;
    const name = `qm_${this.#names.size}`;
    this.#names.set(text, name);
    return name;
  }
}
