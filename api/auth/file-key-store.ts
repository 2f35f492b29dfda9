import { mkdir, readFile, writeFile } from 'node:fs/promises';
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
    try {
      await writeFile(this.#path, text, { mode: 0o600, flag: 'wx' });
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
      throw error;
    }
  }

  get #path(): string {
    return join(this.#directory, 'keys.json');
  }
}
