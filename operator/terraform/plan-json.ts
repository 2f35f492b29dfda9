import { UnexpectedEngineOutputError } from './errors.ts';

/**
 * What we read of `tofu show -json PLANFILE`
 * (https://opentofu.org/docs/internals/json-format/#plan-representation).
 */
export interface PlanJson {
  resource_changes: ResourceChange[];
  /** What differs from the state that the plan started from. */
  resource_drift: ResourceChange[];
}

/** One resource or data source of a plan. */
export interface ResourceChange {
  address: string;
  type: string;
  change: Change;
  action_reason?: string;
}

/** Before and after; the other trees have the same form, with `true` where they apply. */
export interface Change {
  actions: string[];
  before: unknown;
  after: unknown;
  after_unknown: unknown;
  before_sensitive: unknown;
  after_sensitive: unknown;
  replace_paths?: unknown[][];
}

/** @throws {UnexpectedEngineOutputError} if the text is of another form; it never repeats the text */
export function parsePlanJson(text: string): PlanJson {
  const plan = readObject(text);
  return {
    resource_changes: readChanges(plan['resource_changes']),
    resource_drift: readChanges(plan['resource_drift']),
  };
}

function readObject(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  } catch {
    // Said below, without the text: it holds secrets.
  }
  throw new UnexpectedEngineOutputError('the engine printed a plan of an unknown form');
}

function readChanges(value: unknown): ResourceChange[] {
  if (value === undefined) return [];
  if (Array.isArray(value) && value.every(isResourceChange)) return value;
  throw new UnexpectedEngineOutputError('the engine printed resource changes of an unknown form');
}

function isResourceChange(value: unknown): value is ResourceChange {
  const { address, type, change } = Object(value) as Partial<ResourceChange>;
  return (
    typeof address === 'string' &&
    typeof type === 'string' &&
    Array.isArray((Object(change) as Partial<Change>).actions)
  );
}
