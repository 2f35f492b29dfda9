/** An environment variable of a program. */
export interface DescribedSetting {
  name: string;
  /** Empty where it has none. */
  defaultText: string;
  isRequired: boolean;
  /** The comment above it; that of the one before where it has none of its own. */
  description: string;
}

const ENTRY =
  /^ {2}(?:\/\*\* (?<comment>.*?) \*\/\n {2})?(?<name>[A-Z][A-Z_]+): (?<schema>z\b.*|\w+Schema.*),$/gm;

/**
 * The variables that a config.ts reads, with what its comments say of them.
 *
 * @param source the text of a config.ts: `NAME: z.…` entries with a one-line comment above
 */
export function describeSettings(source: string): DescribedSetting[] {
  return [...source.matchAll(ENTRY)].map(({ groups = {} }) => {
    const { comment = '', name = '', schema = '' } = groups;
    const fallback = /\.(?:default|prefault)\(([^)]*)\)/.exec(schema)?.[1];
    return {
      name,
      defaultText: (fallback ?? '').replaceAll(/^'|'$/g, '').replaceAll('_', separatorOf(fallback)),
      isRequired: fallback === undefined && !schema.includes('.optional()'),
      description: comment,
    };
  });
}

/** Numbers are written with separators. */
function separatorOf(fallback: string | undefined): string {
  return /^[\d_]+$/.test(fallback ?? '') ? '' : '_';
}
