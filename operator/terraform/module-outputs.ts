import { UnexpectedEngineOutputError } from './errors.ts';
import { RESOURCE_OUTPUT, SENSITIVE_OUTPUT } from './root-module.ts';
import type { RunOutputs } from './run-contract.ts';

/**
 * The module's outputs out of `tofu output -json` of our root module.
 *
 * @param text standard output of that command
 * @param wanted names of the outputs to keep
 * @throws {UnexpectedEngineOutputError} if the text is of another form; it never repeats the text
 */
export function readModuleOutputs(text: string, wanted: readonly string[]): RunOutputs {
  const outputs = parse(text);
  const values = readValue(outputs, RESOURCE_OUTPUT);
  const sensitivity = readValue(outputs, SENSITIVE_OUTPUT);
  const names = wanted.filter((name) => Object.hasOwn(values, name));
  return {
    values: Object.fromEntries(names.map((name) => [name, values[name]])),
    sensitive: names.filter((name) => sensitivity[name] === true),
  };
}

/** Names that a class promises and the module does not deliver. */
export function findMissingOutputs(outputs: RunOutputs, wanted: readonly string[]): string[] {
  return wanted.filter((name) => !Object.hasOwn(outputs.values, name));
}

/** Every text inside a value, for masking. */
export function collectTexts(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(collectTexts);
}

function parse(text: string): Record<string, unknown> {
  try {
    return asObject(JSON.parse(text));
  } catch {
    throw new UnexpectedEngineOutputError('the engine printed outputs that are not JSON');
  }
}

/** Absent outputs are no outputs: a module need not have any. */
function readValue(outputs: Record<string, unknown>, name: string): Record<string, unknown> {
  const output = outputs[name];
  return output === undefined ? {} : asObject(asObject(output)['value']);
}

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw new UnexpectedEngineOutputError('the engine printed outputs of an unknown form');
}
