import { isMap, isScalar, parseDocument, type Pair, type YAMLMap } from 'yaml';

/** A value of the chart, for a table. */
export interface DescribedValue {
  /** Dotted. */
  name: string;
  /** As YAML writes it in one line; empty for an empty text. */
  defaultText: string;
  /** The comment above it. */
  description: string;
}

/** Sections that stand in the table as one row, because people set them as one. */
const ROWS = ['resources', 'labels'];

/** The values of a values file with their comments, in their order. */
export function describeValues(text: string): DescribedValue[] {
  const { contents } = parseDocument(text);
  return isMap(contents) ? describeMap(contents as ValueMap, '') : [];
}

type ValueMap = YAMLMap<{ value: string; commentBefore?: string | null }>;
type ValuePair = Pair<{ value: string; commentBefore?: string | null }>;

function describeMap(map: ValueMap, prefix: string): DescribedValue[] {
  return map.items.flatMap((pair, index) => describePair(pair, prefix, index === 0 ? map : pair));
}

function describePair(
  pair: ValuePair,
  prefix: string,
  commented: ValueMap | ValuePair,
): DescribedValue[] {
  const name = `${prefix}${pair.key.value}`;
  const { value } = pair;
  if (isMap(value) && value.items.length > 0 && !ROWS.includes(pair.key.value)) {
    return describeMap(value as ValueMap, `${name}.`);
  }
  // YAML gives the comment above the first key of a section to the section.
  const own = pair.key.commentBefore;
  const comment = own ?? ('items' in commented ? commented.commentBefore : undefined);
  return [{ name, defaultText: defaultOf(value), description: describe(comment) }];
}

function defaultOf(value: unknown): string {
  if (isScalar(value)) return value.value === '' ? '' : String(value.value);
  return flowOf((value as { toJSON(): unknown }).toJSON());
}

/** The shortest way to write it in one line. */
function flowOf(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(flowOf).join(', ')}]`;
  if (typeof value !== 'object' || value === null) return String(value);
  const fields = Object.entries(value).map(([key, field]) => `${key}: ${flowOf(field)}`);
  return fields.length === 0 ? '{}' : `{${fields.join(', ')}}`;
}

function describe(comment: string | null | undefined): string {
  // A blank line ends what was said of a whole section.
  const last = (comment ?? '').split(/\n\s*\n/).at(-1) ?? '';
  return last
    .split('\n')
    .map((line) => line.trim())
    .join(' ')
    .trim();
}
