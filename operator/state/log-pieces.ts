import {
  listPieces,
  packLines,
  pieceKey,
  RUN_LOG_KEYS,
  unpackLines,
  type RunLogContent,
  type RunLogPiece,
} from '../../crds/run-log.ts';

/** Text of a piece at which the next one is begun. */
const PIECE_BYTES = 32 * 1024;
/** The pieces that always stay: how the run began. */
const HEAD_PIECES = 8;
/** All pieces: together with their size a bound on the text. */
const MOST_PIECES = 256;
/** All pieces, packed: a ConfigMap holds 1 MiB. */
const LIMIT_BYTES = 768 * 1024;
/** As the runner has it: a line may be an engine's whole output. */
const LINE_CHARACTERS = 20_000;

/**
 * Adds a part, which is whole lines, to a log. A part that is there already is not added again; one
 * that is missing before it is mentioned.
 *
 * @param content the log so far
 * @param sequence position of the part, from 0
 * @param text masked already
 * @returns the log after that, or undefined when nothing is to be added
 */
export function appendPart(
  content: RunLogContent,
  sequence: number,
  text: string,
): RunLogContent | undefined {
  const expected = readCount(content, RUN_LOG_KEYS.nextPart);
  if (isComplete(content) || sequence < expected) return undefined;
  const lost = sequence > expected ? ['… a part of this log was lost …'] : [];
  return addLines(content, [...lost, ...splitLines(text)], {
    [RUN_LOG_KEYS.nextPart]: String(sequence + 1),
  });
}

/**
 * Says that nothing will be added to a log.
 *
 * @param lastLine what is left to say, if anything
 * @returns the log after that, or undefined when it says so already, or there is nothing to say
 */
export function completeLog(content: RunLogContent, lastLine?: string): RunLogContent | undefined {
  const isEmpty = content.data === undefined && lastLine === undefined;
  if (isComplete(content) || isEmpty) return undefined;
  const lines = lastLine === undefined ? [] : splitLines(lastLine);
  return addLines(content, lines, { [RUN_LOG_KEYS.complete]: 'true' });
}

function addLines(
  content: RunLogContent,
  lines: readonly string[],
  data: Record<string, string>,
): RunLogContent {
  const count = readCount(content, RUN_LOG_KEYS.lines);
  const pieces = cutMiddle(extendPieces(listPieces(content), lines, count));
  return {
    data: { ...content.data, ...data, [RUN_LOG_KEYS.lines]: String(count + lines.length) },
    binaryData: Object.fromEntries(pieces.map(({ first, packed }) => [pieceKey(first), packed])),
  };
}

/** The last piece takes lines until it is full, so that many small parts make few pieces. */
function extendPieces(
  pieces: readonly RunLogPiece[],
  lines: readonly string[],
  count: number,
): RunLogPiece[] {
  if (lines.length === 0) return [...pieces];
  const open = pieces.at(-1);
  const texts = open === undefined ? [] : unpackLines(open.packed);
  const added = groupLines([...texts, ...lines], open?.first ?? count + 1);
  return [...pieces.slice(0, -1), ...added];
}

function groupLines(lines: readonly string[], first: number): RunLogPiece[] {
  const groups: { first: number; texts: string[] }[] = [];
  let room = 0;
  lines.forEach((text, offset) => {
    const size = Buffer.byteLength(text) + 1;
    if (size > room || groups.length === 0) {
      groups.push({ first: first + offset, texts: [] });
      room = PIECE_BYTES;
    }
    groups.at(-1)?.texts.push(text);
    room -= size;
  });
  return groups.map((group) => ({ first: group.first, packed: packLines(group.texts) }));
}

/** What came just after the beginning goes first; the beginning and the end say most. */
function cutMiddle(pieces: readonly RunLogPiece[]): RunLogPiece[] {
  const kept = [...pieces];
  let size = kept.reduce((sum, { packed }) => sum + sizeOf(packed), 0);
  while (kept.length > HEAD_PIECES + 1 && (size > LIMIT_BYTES || kept.length > MOST_PIECES)) {
    const [dropped] = kept.splice(HEAD_PIECES, 1);
    size -= sizeOf(dropped?.packed ?? '');
  }
  return kept;
}

function sizeOf(base64: string): number {
  return Math.ceil(base64.length * 0.75);
}

function splitLines(text: string): string[] {
  if (text === '') return [];
  return text
    .replace(/\n$/, '')
    .split('\n')
    .map((line) => (line.length > LINE_CHARACTERS ? `${line.slice(0, LINE_CHARACTERS)}…` : line));
}

function isComplete({ data }: RunLogContent): boolean {
  return data?.[RUN_LOG_KEYS.complete] === 'true';
}

function readCount({ data }: RunLogContent, key: string): number {
  return Number(data?.[key] ?? '0');
}
