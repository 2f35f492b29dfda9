import { randomUUID } from 'node:crypto';
import { link, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KeyStore } from './key-store.ts';

/** Keeps the keys in a file that only its owner can read. */
export class FileKeyStore implements KeyStore {
  readonly #directory: string;

  constructor(directory: string) {
    this.#directory = directory;
  }

  /** @inheritdoc */
  async read(): Promise<string | undefined> {
    try {
      return await readFile(this.#path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
  }

  /** @inheritdoc */
  async create(text: string): Promise<boolean> {
    await mkdir(this.#directory, { recursive: true, mode: 0o700 });
    const draft = `${this.#path}.${randomUUID()}`;
    await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
    try {
      // A link never replaces a file, and nobody ever sees half of it.
      await link(draft, this.#path);
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    } finally {
      await rm(draft, { force: true });
    }
  }

  /** @inheritdoc */
  async replace(text: string, before: string): Promise<boolean> {
    const draft = `${this.#path}.${randomUUID()}`;
    await writeFile(draft, text, { mode: 0o600, flag: 'wx' });
    try {
      if ((await this.read()) !== before) return false;
      await rename(draft, this.#path);
      return true;
    } finally {
      await rm(draft, { force: true });
    }
  }

  get #path(): string {
    return join(this.#directory, 'keys.json');
  }
}
