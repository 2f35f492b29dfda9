import { setTimeout as sleep } from 'node:timers/promises';
import { toError } from '../../lib/errors.ts';

/** What a load came to. */
export interface LoadReport {
  calls: number;
  /** The words of every call that failed. */
  failures: string[];
}

/** Calls again and again, from several clients at once, until it is stopped. */
export class SteadyLoad {
  readonly #report: LoadReport = { calls: 0, failures: [] };
  readonly #workers: Promise<void>[];
  #isStopping = false;

  /**
   * @param call one call; it throws where the caller did not get what it asked for
   * @param clients how many at once
   */
  constructor(call: (count: number) => Promise<void>, clients = 4) {
    this.#workers = Array.from({ length: clients }, () => this.#work(call));
  }

  /** How many calls there were so far. */
  get calls(): number {
    return this.#report.calls;
  }

  /** Ends after the calls in progress. */
  async stop(): Promise<LoadReport> {
    this.#isStopping = true;
    await Promise.all(this.#workers);
    return this.#report;
  }

  async #work(call: (count: number) => Promise<void>): Promise<void> {
    while (!this.#isStopping) {
      this.#report.calls += 1;
      try {
        await call(this.#report.calls);
      } catch (error) {
        const { message, cause } = toError(error);
        this.#report.failures.push(`${message} ${cause ? toError(cause).message : ''}`);
      }
      // Far from any limit: what is tested is who is asked, not how often.
      await sleep(50);
    }
  }
}
