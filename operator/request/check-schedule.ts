import { digest } from '../../lib/canonical-json.ts';

/** A look may come a little late, but not so late that it meets many others. */
const GRACE_MS = 60_000;
/** Enough of a hash for an even spread. */
const HASH_DIGITS = 12;

/** When a check is asked for. */
export interface CheckTiming {
  /** Uid of the request: its place within the interval. */
  uid: string;
  /** When what stands was applied or looked at last. */
  lastMs: number;
  intervalMs: number;
  nowMs: number;
}

/**
 * When the next check is due. Each request has a fixed place within the interval, by its uid, so that
 * checks are spread evenly and a restart changes nothing. Where places were missed, as while the
 * operator was away, they are made up for over an eighth of the interval, spread in the same way.
 *
 * @returns milliseconds since the epoch; now or earlier: it is due
 */
export function nextCheckAt({ uid, lastMs, intervalMs, nowMs }: CheckTiming): number {
  const planned = placeAfter(uid, lastMs + intervalMs / 2, intervalMs);
  const graceMs = Math.min(GRACE_MS, intervalMs / 16);
  if (nowMs <= planned + graceMs) return planned;
  return placeAfter(uid, nowMs - graceMs, intervalMs / 8);
}

/** From 0 to 1, always the same for the same uid. */
export function fractionOf(uid: string): number {
  const hash = digest(uid)
    .replace(/^sha256:/, '')
    .slice(0, HASH_DIGITS);
  return parseInt(hash, 16) / 16 ** HASH_DIGITS;
}

function placeAfter(uid: string, fromMs: number, stepMs: number): number {
  const offsetMs = Math.floor(fractionOf(uid) * stepMs);
  return Math.ceil((fromMs - offsetMs) / stepMs) * stepMs + offsetMs;
}
