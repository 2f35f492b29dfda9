import { parseArgs } from 'node:util';
import { UsageError } from './errors.ts';

/** What the program is asked to do. */
export type StateAdminCommand =
  | { kind: 'list'; target: StateTarget }
  | { kind: 'show'; target: StateTarget; version: number | undefined; isRaw: boolean }
  | { kind: 'restore'; target: StateTarget; version: number }
  | { kind: 'adopt'; target: StateTarget; from: string }
  | { kind: 'help' }
  | { kind: 'keys' }
  | { kind: 'rotate-keys'; waitSeconds: number }
  | { kind: 'reseal' }
  | { kind: 'remove-key'; kid: string };

/** Whose state: a request that is there, or the uid of one. */
export type StateTarget = { namespace: string; name: string } | { uid: string };

/** How to use the program. */
export const USAGE = `Usage:
  list       --namespace NAMESPACE --name NAME                 the versions that are kept
  show       --namespace NAMESPACE --name NAME [--version N]   what is in one; --raw: the whole state, secrets included
  restore    --namespace NAMESPACE --name NAME --version N     makes a copy of a version the state
  adopt      --namespace NAMESPACE --name NAME --from UID      gives a request the state of one that is gone
  keys                                                         the keys, and what each is still needed for
  rotate-keys [--wait SECONDS]                                 a new key for all that is written from now on
  reseal                                                       seals what is there with that key
  remove-key --key ID                                          removes a key that nothing needs
  help                                                         this
In place of namespace and name: --uid UID.
`;

const OPTIONS = {
  namespace: { type: 'string' },
  name: { type: 'string' },
  uid: { type: 'string' },
  from: { type: 'string' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'string' },
  raw: { type: 'boolean' },
  key: { type: 'string' },
  wait: { type: 'string' },
} as const;

/** Longer than any process takes to read the keys again. */
const DEFAULT_WAIT_SECONDS = 60;

type Values = ReturnType<typeof parseArgs<{ options: typeof OPTIONS }>>['values'];

/** How each command is read. */
const COMMANDS: ReadonlyMap<string, (values: Values) => StateAdminCommand> = new Map([
  ['list', (values) => ({ kind: 'list', target: readTarget(values) })],
  ['show', readShow],
  ['restore', readRestore],
  ['adopt', readAdopt],
  ['keys', () => ({ kind: 'keys' })],
  ['rotate-keys', readRotation],
  ['reseal', () => ({ kind: 'reseal' })],
  ['remove-key', (values) => ({ kind: 'remove-key', kid: readText(values, 'key') })],
  ['help', () => ({ kind: 'help' })],
]);

/** @throws {UsageError} if it is not a command, or lacks something */
export function parseStateAdminArguments(texts: readonly string[]): StateAdminCommand {
  const { positionals, values } = parseStrictly(texts);
  const [command = ''] = values.help === true ? ['help'] : positionals;
  const read = COMMANDS.get(command);
  if (read === undefined) throw new UsageError(`There is no command "${command}".`);
  return read(values);
}

function readRestore(values: Values): StateAdminCommand {
  const version = readNumber(values, 'version');
  return { kind: 'restore', target: readTarget(values), version };
}

function readAdopt(values: Values): StateAdminCommand {
  return { kind: 'adopt', target: readTarget(values), from: readText(values, 'from') };
}

function readRotation(values: Values): StateAdminCommand {
  const waitSeconds = readNumber(values, 'wait', DEFAULT_WAIT_SECONDS);
  return { kind: 'rotate-keys', waitSeconds };
}

function readShow(values: Values): StateAdminCommand {
  const version = values.version === undefined ? undefined : readNumber(values, 'version');
  return { kind: 'show', target: readTarget(values), version, isRaw: values.raw === true };
}

function parseStrictly(texts: readonly string[]): { positionals: string[]; values: Values } {
  try {
    return parseArgs({ args: [...texts], options: OPTIONS, allowPositionals: true, strict: true });
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : 'unknown option');
  }
}

function readTarget(values: Values): StateTarget {
  if (values.uid !== undefined) return { uid: values.uid };
  return { namespace: readText(values, 'namespace'), name: readText(values, 'name') };
}

function readText(values: Values, option: 'namespace' | 'name' | 'key' | 'from'): string {
  const value = values[option];
  if (value === undefined || value === '') throw new UsageError(`--${option} is missing.`);
  return value;
}

function readNumber(values: Values, option: 'version' | 'wait', otherwise?: number): number {
  const text = values[option];
  if (text === undefined && otherwise !== undefined) return otherwise;
  const value = Number(text ?? Number.NaN);
  if (Number.isInteger(value) && value >= 0) return value;
  throw new UsageError(`--${option} must be a number.`);
}
