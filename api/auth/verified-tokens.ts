import { hash } from 'node:crypto';
import type { Clock } from '../../lib/clock.ts';
import type { TokenSession } from './actor.ts';

/** How many are remembered; the oldest are forgotten first. */
const REMEMBERED = 10_000;

/** What a token says, once its signature and claims were verified. */
export interface VerifiedToken {
  session: TokenSession;
  /** Of the key that signed it. */
  kid: string;
  /** When it ends, in seconds. */
  exp: number;
}

/**
 * Remembers tokens that were verified until they end, by their SHA-256: verifying a signature
 * costs more than the rest of a call. Whether a token was ended early is not remembered: the
 * database says it with each call.
 */
export class VerifiedTokens {
  readonly #clock: Clock;
  readonly #known = new Map<string, VerifiedToken>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** What was found out about a token, while it holds. */
  find(token: string): VerifiedToken | undefined {
    const key = digestOf(token);
    const known = this.#known.get(key);
    if (known === undefined || this.#clock.now().getTime() < known.exp * 1000) return known;
    this.#known.delete(key);
    return undefined;
  }

  /** Remembers a token that was verified. */
  remember(token: string, verified: VerifiedToken): void {
    if (this.#known.size >= REMEMBERED) {
      const [oldest = ''] = this.#known.keys();
      this.#known.delete(oldest);
    }
    this.#known.set(digestOf(token), verified);
  }
}

function digestOf(token: string): string {
  return hash('sha256', token, 'base64url');
}
