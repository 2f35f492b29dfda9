import { isDeepStrictEqual } from 'node:util';

/** A JSON object. */
type JsonObject = Readonly<Record<string, unknown>>;

/**
 * The JSON merge patch (RFC 7396) that makes one object of another. What the new one does not have
 * goes, whoever wrote it.
 *
 * @param from as it stands
 * @param to as it is to be; neither holds null
 */
export function mergePatchBetween(from: JsonObject, to: JsonObject): Record<string, unknown> {
  const gone = Object.keys(from).filter((name) => to[name] === undefined);
  const changed = Object.entries(to).filter(
    ([name, value]) => value !== undefined && !isDeepStrictEqual(from[name], value),
  );
  return Object.fromEntries([
    ...gone.map((name) => [name, null]),
    ...changed.map(([name, value]) => [name, patchValue(from[name], value)]),
  ]) as Record<string, unknown>;
}

function patchValue(from: unknown, to: unknown): unknown {
  return isObject(from) && isObject(to) ? mergePatchBetween(from, to) : to;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
