import { readFileSync } from 'node:fs';
import path from 'node:path';
import { checkoutDirectory } from '../../../dev/paths.ts';

/** A block of commands of a page. */
export interface GuideBlock {
  /** The heading above it, and its number below that. */
  title: string;
  script: string;
}

/** A heading, or a block of commands; a comment in a block is no heading. */
const PART = /^```sh\n(?<script>.*?)^```$|^#+ (?<heading>.*?)$/gms;

/** The blocks of commands of a page below `docs/`, in their order. */
export function readGuide(page: string): GuideBlock[] {
  const text = readFileSync(path.join(checkoutDirectory, 'docs', page), 'utf8');
  const blocks: GuideBlock[] = [];
  let heading = '';
  let count = 0;
  for (const { groups = {} } of text.matchAll(PART)) {
    const { script } = groups;
    if (script === undefined) {
      heading = groups['heading'] ?? '';
      count = 0;
    } else {
      count += 1;
      blocks.push({ title: `${heading}, ${count}`, script });
    }
  }
  return blocks;
}
