import type { PlannedAttribute, ShownValue } from '../../crds/run-plan.ts';
import type { Change } from './plan-json.ts';

/** Longest value that is shown, in characters of JSON. */
const VALUE_CHARACTERS = 1_000;
/** Deeper values are shown as one. */
const LONGEST_PATH = 6;

const SENSITIVE: ShownValue = { hidden: 'sensitive' };
const UNKNOWN: ShownValue = { hidden: 'known after apply' };

/** The trees of a change at one place of it. */
interface Place {
  path: readonly (string | number)[];
  before: unknown;
  after: unknown;
  unknown: unknown;
  beforeSensitive: unknown;
  afterSensitive: unknown;
}

/**
 * The attributes that a change touches, each with the value before and after: down to the leaves,
 * without those that stay as they are. What the engine calls sensitive is not shown.
 *
 * @param change of one resource
 * @param mask applied to every value that is shown
 */
export function listAttributes(change: Change, mask: (text: string) => string): PlannedAttribute[] {
  const root: Place = {
    path: [],
    before: change.before,
    after: change.after,
    unknown: change.after_unknown,
    beforeSensitive: change.before_sensitive,
    afterSensitive: change.after_sensitive,
  };
  const replacing = (change.replace_paths ?? []).map((path) => formatPath(path.map(toStep)));
  return listLeaves(root).map((place) => describe(place, replacing, mask));
}

function listLeaves(place: Place): Place[] {
  if (place.unknown === true || isHidden(place)) return isNothing(place) ? [] : [place];
  const keys = listKeys(place);
  if (keys.length === 0 || place.path.length >= LONGEST_PATH) {
    return isSame(place.before, place.after) && !holdsTrue(place.unknown) ? [] : [place];
  }
  return keys.flatMap((key) => listLeaves(step(place, key)));
}

/** A sensitive place is a leaf: what is below it is not looked at, only whether it changes. */
function isHidden({ beforeSensitive, afterSensitive }: Place): boolean {
  return beforeSensitive === true || afterSensitive === true;
}

function isNothing({ before, after, unknown }: Place): boolean {
  return unknown !== true && isSame(before, after) && !holdsTrue(unknown);
}

/** Keys of everything that has structure here; none when a side is a value of another kind. */
function listKeys({ before, after, unknown }: Place): (string | number)[] {
  const sides = [before, after].filter((side) => side !== undefined && side !== null);
  if (sides.some((side) => typeof side !== 'object')) return [];
  if (sides.length === 2 && Array.isArray(before) !== Array.isArray(after)) return [];
  const isList = sides.some((side) => Array.isArray(side));
  const names = new Set([...sides, unknown].flatMap((side) => Object.keys(Object(side) as object)));
  return [...names].map((name) => (isList ? Number(name) : name));
}

function step(place: Place, key: string | number): Place {
  return {
    path: [...place.path, key],
    before: take(place.before, key),
    after: take(place.after, key),
    unknown: inherit(place.unknown, key),
    beforeSensitive: inherit(place.beforeSensitive, key),
    afterSensitive: inherit(place.afterSensitive, key),
  };
}

function take(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<string | number, unknown>)[key]
    : undefined;
}

/** `true` holds for everything below. */
function inherit(marks: unknown, key: string | number): unknown {
  return marks === true ? true : take(marks, key);
}

function describe(
  place: Place,
  replacing: readonly string[],
  mask: (text: string) => string,
): PlannedAttribute {
  const path = formatPath(place.path);
  const hidden = isHidden(place);
  const before = show(place.before, { hidden, marks: place.beforeSensitive, mask });
  const after =
    place.unknown === true || holdsTrue(place.unknown)
      ? UNKNOWN
      : show(place.after, { hidden, marks: place.afterSensitive, mask });
  return {
    path,
    ...(before === undefined ? {} : { before }),
    ...(after === undefined ? {} : { after }),
    ...(replacing.includes(path) ? { forcesReplacement: true as const } : {}),
  };
}

function show(
  value: unknown,
  how: { hidden: boolean; marks: unknown; mask: (text: string) => string },
): ShownValue | undefined {
  if (value === undefined || value === null) return undefined;
  if (how.hidden || holdsTrue(how.marks)) return SENSITIVE;
  const json = how.mask(JSON.stringify(value));
  return { json: json.length > VALUE_CHARACTERS ? `${json.slice(0, VALUE_CHARACTERS)}…` : json };
}

function holdsTrue(marks: unknown): boolean {
  if (marks === true) return true;
  return typeof marks === 'object' && marks !== null && Object.values(marks).some(holdsTrue);
}

function isSame(before: unknown, after: unknown): boolean {
  return JSON.stringify(before ?? null) === JSON.stringify(after ?? null);
}

function toStep(value: unknown): string | number {
  return typeof value === 'number' ? value : String(value);
}

function formatPath(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, key) => {
    if (typeof key === 'number') return `${text}[${key}]`;
    return text === '' ? key : `${text}.${key}`;
  }, '');
}
