import { UnexpectedEngineOutputError } from './errors.ts';
import { RESOURCE_OUTPUT, SENSITIVE_OUTPUT } from './root-module.ts';
import type { RunOutputs } from './run-contract.ts';

/** The form of states since Terraform 0.12, in OpenTofu as well. */
const STATE_VERSION = 4;

/**
 * The module's outputs out of the state of our root module. The engine's own `output` command
 * would print the same values; reading them here spares a run the start of another process.
 *
 * @param text the state; empty when there is none
 * @param wanted names of the outputs to keep
 * @throws {UnexpectedEngineOutputError} if the text is of another form; it never repeats the text
 */
export function readModuleOutputs(text: string, wanted: readonly string[]): RunOutputs {
  const outputs = text === '' ? {} : parse(text);
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
  const state = asObject(parseJson(text));
  if (state['version'] !== STATE_VERSION) {
    throw new UnexpectedEngineOutputError('the engine saved a state of an unknown version');
  }
  return asObject(state['outputs'] ?? {});
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new UnexpectedEngineOutputError('the engine saved a state that is not JSON');
  }
}

/** Absent outputs are no outputs: a module need not have any. */
function readValue(outputs: Record<string, unknown>, name: string): Record<string, unknown> {
  const output = outputs[name];
  return output === undefined ? {} : asObject(asObject(output)['value']);
}

function asObject(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null) return value as Record<string, unknown>;
  throw new UnexpectedEngineOutputError('the engine saved outputs of an unknown form');
}
