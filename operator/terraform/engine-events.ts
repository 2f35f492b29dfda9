import type { Changes } from './run-contract.ts';

/** What the engine has to say about a problem. */
export interface Diagnostic {
  severity: 'error' | 'warning';
  summary: string;
  detail: string;
  /** Resource that it is about; absent for problems of the configuration itself. */
  address: string | undefined;
}

/** One line of `tofu … -json`, as far as we use it. */
export type EngineEvent =
  | { kind: 'diagnostic'; diagnostic: Diagnostic; text: string }
  | { kind: 'changes'; changes: Changes; text: string }
  | { kind: 'message'; text: string };

type Fields = Record<string, unknown>;

/**
 * Reads one line of the engine's machine-readable UI
 * (https://opentofu.org/docs/internals/machine-readable-ui/).
 *
 * @param line one line of standard output; anything that is not such a line counts as a message
 */
export function parseEngineLine(line: string): EngineEvent {
  const fields = parseObject(line);
  if (fields === undefined) return { kind: 'message', text: line };
  const message = readText(fields['@message']);
  if (fields['type'] === 'diagnostic' && isFields(fields['diagnostic'])) {
    const diagnostic = readDiagnostic(fields['diagnostic']);
    return { kind: 'diagnostic', diagnostic, text: formatDiagnostic(diagnostic) };
  }
  if (fields['type'] === 'change_summary' && isFields(fields['changes'])) {
    return { kind: 'changes', changes: readChanges(fields['changes']), text: message };
  }
  return { kind: 'message', text: message };
}

/** A diagnostic as people read it. */
export function formatDiagnostic(diagnostic: Diagnostic): string {
  const place = diagnostic.address === undefined ? '' : ` (${diagnostic.address})`;
  const detail = diagnostic.detail === '' ? '' : `\n${diagnostic.detail}`;
  return `${diagnostic.severity}: ${diagnostic.summary}${place}${detail}`;
}

function parseObject(line: string): Fields | undefined {
  if (!line.startsWith('{')) return undefined;
  try {
    const value: unknown = JSON.parse(line);
    return isFields(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/** The snippet of the source is left out on purpose: it may repeat values. */
function readDiagnostic(fields: Fields): Diagnostic {
  return {
    severity: fields['severity'] === 'warning' ? 'warning' : 'error',
    summary: readText(fields['summary']),
    detail: readText(fields['detail']),
    address: typeof fields['address'] === 'string' ? fields['address'] : undefined,
  };
}

function readChanges(fields: Fields): Changes {
  return {
    add: readCount(fields['add']),
    change: readCount(fields['change']),
    destroy: readCount(fields['remove']),
  };
}

function isFields(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readText(value: unknown): string {
  return typeof value === 'string' ? value : '';
}

function readCount(value: unknown): number {
  return typeof value === 'number' && Number.isInteger(value) && value >= 0 ? value : 0;
}
