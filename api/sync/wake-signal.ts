import { setTimeout as sleep } from 'node:timers/promises';

/** Lets a loop sleep until somebody has work for it, or until a time has passed. */
export class WakeSignal {
  #controller = new AbortController();

  /** Ends the present sleep, or the next one if nobody sleeps now. */
  wake(): void {
    this.#controller.abort();
  }

  /** Sleeps for at most so long; a signal that came in before counts. */
  async sleep(milliseconds: number): Promise<void> {
    const { signal } = this.#controller;
    try {
      await sleep(milliseconds, undefined, { signal });
    } catch (error) {
      if (!signal.aborted) throw error;
    }
    if (signal.aborted) this.#controller = new AbortController();
  }
}
