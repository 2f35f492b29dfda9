import type { Cancellation } from '../terraform/classify-failure.ts';

/** A signal that ends. */
export interface Deadline {
  signal: AbortSignal;
  /** Call it when the work is done. */
  clear: () => void;
}

/**
 * A signal that aborts with the parent (and its reason), or when the time is up.
 *
 * @param parent aborted when the whole run is to stop; undefined for work that must still be done then
 * @param seconds the time
 */
export function startDeadline(parent: AbortSignal | undefined, seconds: number): Deadline {
  const controller = new AbortController();
  const reason: Cancellation = 'deadline';
  const timer = setTimeout(() => controller.abort(reason), seconds * 1000);
  const follow = (): void => controller.abort(parent?.reason);
  if (parent?.aborted) follow();
  parent?.addEventListener('abort', follow, { once: true });
  return {
    signal: controller.signal,
    clear: () => {
      clearTimeout(timer);
      parent?.removeEventListener('abort', follow);
    },
  };
}

/** What is left of some seconds after some milliseconds; never nothing, so that a step can say why it ends. */
export function secondsLeft(seconds: number, spentMs: number): number {
  return Math.max(1, seconds - spentMs / 1000);
}
