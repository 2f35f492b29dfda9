import { gunzipSync, gzipSync } from 'node:zlib';

/** Component label of the ConfigMap that holds the log of a run. */
export const RUN_LOG_COMPONENT = 'run-log';

/** Keys of `data` besides the pieces, which stand in `binaryData`. */
export const RUN_LOG_KEYS = {
  /** `"true"` when the run has ended and nothing will be added. */
  complete: 'complete',
  /** How many lines there have been, those that were left out included. */
  lines: 'lines',
  /** The part that the runner has to send next, from 0. */
  nextPart: 'next-part',
} as const;

/** What a piece may unpack to; ours are far below. */
const UNPACKED_LIMIT_BYTES = 1024 * 1024;
const PIECE_PREFIX = 'lines-';
const PIECE_DIGITS = 10;

/** The ConfigMap of a log, as far as it is the log. */
export interface RunLogContent {
  data?: Record<string, string> | undefined;
  /** Base64. */
  binaryData?: Record<string, string> | undefined;
}

/** One line; its number never changes, whatever is left out before it. */
export interface RunLogLine {
  /** From 1. */
  number: number;
  text: string;
}

/** A log as it stands. */
export interface RunLogView {
  lines: RunLogLine[];
  /** Whether the run has ended, so that nothing will be added. */
  isComplete: boolean;
}

/** Lines in one go, packed. */
export interface RunLogPiece {
  /** Number of its first line. */
  first: number;
  /** Gzip, base64. */
  packed: string;
}

/** Name of the ConfigMap with the log of a run, in the namespace of the runs. */
export function runLogName(run: string): string {
  return `${run}-log`;
}

/**
 * Reads a log. Where the middle was left out, one line says so; it has the number of the last line
 * that is missing.
 *
 * @param content the ConfigMap; undefined where there is none, which is an empty log
 * @param after only lines with a higher number, to go on where a reader was
 */
export function readRunLog(content: RunLogContent | undefined, after = 0): RunLogView {
  const pieces = listPieces(content);
  const lines: RunLogLine[] = [];
  let expected = 1;
  pieces.forEach(({ first, packed }, index) => {
    const missing = first - expected;
    if (missing > 0) lines.push({ number: first - 1, text: describeCut(missing) });
    const following = pieces[index + 1]?.first;
    const isSeen = following !== undefined && following - 1 <= after;
    const texts = isSeen ? [] : unpackLines(packed);
    lines.push(...texts.map((text, offset) => ({ number: first + offset, text })));
    expected = isSeen ? following : first + texts.length;
  });
  return {
    lines: lines.filter(({ number }) => number > after),
    isComplete: content?.data?.[RUN_LOG_KEYS.complete] === 'true',
  };
}

/** The pieces of a log in their order. */
export function listPieces(content: RunLogContent | undefined): RunLogPiece[] {
  return Object.entries(content?.binaryData ?? {})
    .filter(([key]) => key.startsWith(PIECE_PREFIX))
    .map(([key, packed]) => ({ first: Number(key.slice(PIECE_PREFIX.length)), packed }))
    .sort((a, b) => a.first - b.first);
}

/** The key of a piece in `binaryData`. */
export function pieceKey(first: number): string {
  return `${PIECE_PREFIX}${String(first).padStart(PIECE_DIGITS, '0')}`;
}

/** Packs lines, none of which contains a line break. */
export function packLines(texts: readonly string[]): string {
  return gzipSync(texts.join('\n')).toString('base64');
}

/** Reads what {@link packLines} wrote. */
export function unpackLines(packed: string): string[] {
  const bytes = Buffer.from(packed, 'base64');
  return gunzipSync(bytes, { maxOutputLength: UNPACKED_LIMIT_BYTES }).toString('utf8').split('\n');
}

function describeCut(lines: number): string {
  return `… ${lines} lines are left out here …`;
}
