import { setTimeout as sleep } from 'node:timers/promises';
import type { Application } from '../support/argocd/applications.ts';

/** Looks at an Application again and again, and keeps what it was seen as. */
export class SyncWatch {
  readonly #seen = new Set<string>();
  readonly #work: Promise<void>;
  #isStopping = false;

  /** @param read gives the Application as it is */
  constructor(read: () => Promise<Application>) {
    this.#work = this.#look(read);
  }

  /** Ends the watch; every sync status that was seen, each once. */
  async stop(): Promise<string[]> {
    this.#isStopping = true;
    await this.#work;
    return [...this.#seen];
  }

  async #look(read: () => Promise<Application>): Promise<void> {
    while (!this.#isStopping) {
      this.#seen.add((await read()).status?.sync?.status ?? 'none');
      await sleep(50);
    }
  }
}
