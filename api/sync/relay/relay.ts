import { toError } from '../../../lib/errors.ts';
import { WakeSignal } from '../wake-signal.ts';
import type { OutboxTask } from './outbox-queue.ts';
import { settleTask, type TaskDependencies } from './relay-task.ts';

/** Tasks in the hands of one process at once. */
const MOST_AT_ONCE = 20;
/** How often the outbox is looked at when nothing wakes us: LISTEN is silent when it is cut. */
const POLL_MS = 1_000;
/** After the database could not be asked. */
const PAUSE_MS = 2_000;

/**
 * Carries decisions from the outbox to Kubernetes. Several relays may run: each task is leased
 * by one, and doing it twice does no harm.
 */
export class Relay {
  readonly #dependencies: TaskDependencies;
  readonly #signal = new WakeSignal();
  readonly #inFlight = new Set<Promise<void>>();
  #loop: Promise<void> | undefined;
  #stopping = false;

  constructor(dependencies: TaskDependencies) {
    this.#dependencies = dependencies;
  }

  /** Starts working; returns at once. */
  start(): void {
    this.#loop ??= this.#run();
  }

  /** There may be work: look now. */
  wake(): void {
    this.#signal.wake();
  }

  /** Claims nothing more, and waits for the tasks in hand. */
  async stop(): Promise<void> {
    this.#stopping = true;
    this.wake();
    await this.#loop;
    await Promise.all(this.#inFlight);
  }

  async #run(): Promise<void> {
    while (!this.#stopping) {
      const free = MOST_AT_ONCE - this.#inFlight.size;
      const claimed = free > 0 ? await this.#claim(free) : 0;
      // A full claim means that there is more; otherwise a task that ends wakes us.
      if (claimed < free || free === 0) await this.#signal.sleep(POLL_MS);
    }
  }

  async #claim(free: number): Promise<number> {
    try {
      const tasks = await this.#dependencies.queue.claim(free);
      for (const task of tasks) this.#take(task);
      return tasks.length;
    } catch (error) {
      this.#dependencies.log.warn('the outbox cannot be read', { error: toError(error) });
      await this.#signal.sleep(PAUSE_MS);
      return 0;
    }
  }

  #take(task: OutboxTask): void {
    const work = settleTask(task, this.#dependencies)
      .catch((error: unknown) => {
        const fields = { task: task.id, error: toError(error) };
        this.#dependencies.log.warn('a task could not be settled and comes back', fields);
      })
      .finally(() => {
        this.#inFlight.delete(work);
        this.wake();
      });
    this.#inFlight.add(work);
  }
}
