import type { ResourceClassSpec } from '../../crds/resource-class.ts';
import { parseDuration } from '../../lib/duration.ts';
import type { Fault } from './fault.ts';

/** Below that, checks would do nothing but wait for each other; above, nobody would see one. */
const BOUNDS_MS = { least: 10_000, most: 365 * 24 * 3_600_000 };

/** Whether the interval of the checks for drift is one that can be kept. */
export function checkDrift({ drift }: ResourceClassSpec): Fault[] {
  if (drift === undefined) return [];
  const interval = parseDuration(drift.interval);
  if (interval >= BOUNDS_MS.least && interval <= BOUNDS_MS.most) return [];
  return [{ pointer: '/spec/drift/interval', message: 'must be between 10s and 365d' }];
}
