import { hash, verify, argon2id } from 'argon2';
import { UnavailableError } from '../errors.ts';
import { Semaphore } from './semaphore.ts';

/** OWASP's parameters for argon2id: 19 MiB, two passes. */
const PARAMETERS = { type: argon2id, memoryCost: 19_456, timeCost: 2, parallelism: 1 } as const;

/**
 * Hashes passwords, one at a time in each process, so that a flood of sign-ins leaves the rest of
 * the api alive: a hash keeps a core busy for as long as it takes.
 */
export class PasswordHasher {
  readonly #semaphore: Semaphore;
  #decoy: Promise<string> | undefined;

  /**
   * @param concurrency most hashes at once
   * @param queue most callers that wait; more are turned away
   */
  constructor(concurrency = 1, queue = 64) {
    this.#semaphore = new Semaphore(concurrency, queue);
  }

  /**
   * The hash of a password, with its salt and parameters (PHC string format).
   *
   * @throws {UnavailableError} when too many wait
   */
  async hash(password: string): Promise<string> {
    return this.#limited(() => hash(password, PARAMETERS));
  }

  /**
   * Whether the password is the one of the hash. Takes as long where there is no hash, so that
   * the time does not tell which addresses are known.
   *
   * @throws {UnavailableError} when too many wait
   */
  async verify(hashed: string | null, password: string): Promise<boolean> {
    this.#decoy ??= this.hash('of nobody at all');
    const decoy = await this.#decoy;
    const matches = await this.#limited(() => verify(hashed ?? decoy, password));
    return matches && hashed !== null;
  }

  async #limited<T>(work: () => Promise<T>): Promise<T> {
    const release = await this.#semaphore.acquire();
    if (!release) throw new UnavailableError('Too many sign-ins at once; try again soon.');
    try {
      return await work();
    } finally {
      release();
    }
  }
}
