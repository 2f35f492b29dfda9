import type { StateIndex } from '../state/state-index.ts';

type Fields = Record<string, unknown>;

/** The versions of a state as a table, newest first. */
export function describeVersions({ versions, current }: StateIndex): string {
  const rows = versions.map(({ number, writtenAt, run, bytes }) => [
    `${number}${number === current ? ' *' : ''}`,
    writtenAt,
    String(bytes),
    run,
  ]);
  const state = current === 0 ? 'There is no state now.\n' : '';
  return `${state}${formatTable([['VERSION', 'WRITTEN', 'BYTES', 'RUN'], ...rows])}`;
}

/** What is in a state: its facts and the addresses of its resources, and no value of any. */
export function describeState(text: string): string {
  const state = asFields(JSON.parse(text));
  const facts = ['serial', 'lineage', 'terraform_version'].map(
    (name) => `${name}: ${String(state[name])}\n`,
  );
  const resources = asList(state['resources']).flatMap((resource) => {
    const { mode, module, type, name, instances } = asFields(resource);
    const path = [module, mode === 'data' ? 'data' : undefined, type, name].filter(Boolean);
    return `  ${path.join('.')} (${asList(instances).length})\n`;
  });
  return `${facts.join('')}resources:\n${resources.join('')}`;
}

/** A state with a higher serial number than another, so that it counts as newer. */
export function raiseSerial(text: string, over: string | undefined): string {
  const state = asFields(JSON.parse(text));
  const serials = [state, over === undefined ? {} : asFields(JSON.parse(over))].map(({ serial }) =>
    typeof serial === 'number' ? serial : 0,
  );
  return JSON.stringify({ ...state, serial: Math.max(...serials) + 1 });
}

/** Rows in columns. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows
    .map((row) => row.map((text, column) => text.padEnd(widths[column] ?? 0)).join('  '))
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

function asFields(value: unknown): Fields {
  return typeof value === 'object' && value !== null ? (value as Fields) : {};
}

function asList(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [];
}
