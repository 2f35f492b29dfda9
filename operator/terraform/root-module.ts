import { InvalidModuleInputError } from './errors.ts';
import type { RunSpec } from './run-contract.ts';

/** File name of the root module; the JSON syntax spares us every question of quoting. */
export const ROOT_MODULE_FILE = 'main.tf.json';
/** The output that carries the module's outputs. */
export const RESOURCE_OUTPUT = 'resource';
/** The output that says which of them the module calls sensitive. */
export const SENSITIVE_OUTPUT = 'sensitive';

const IDENTIFIER = /^[A-Za-z_][A-Za-z0-9_-]*$/;

/** Names that mean something else in a module call or a variable declaration. */
const RESERVED = new Set([
  'source',
  'version',
  'providers',
  'count',
  'for_each',
  'lifecycle',
  'depends_on',
  'locals',
  'enabled',
]);

/**
 * The root module of a run: one module call, its inputs as variables, all its outputs in one
 * sensitive output, and the run API as state backend (addressed by environment variables).
 *
 * @param spec the run; a local module source is absolute already
 * @returns text of {@link ROOT_MODULE_FILE}
 * @throws {InvalidModuleInputError} if a variable has a name that cannot be an input
 */
export function buildRootModule(
  spec: Pick<RunSpec, 'module' | 'variables' | 'sensitiveVariables'>,
): string {
  const names = Object.keys(spec.variables).sort();
  names.forEach(assertInputName);
  const root = {
    terraform: { backend: { http: {} } },
    variable: Object.fromEntries(
      names.map((name) => [name, { sensitive: spec.sensitiveVariables.includes(name) }]),
    ),
    module: { resource: { ...buildSource(spec.module), ...buildInputs(names) } },
    output: buildOutputs(),
  };
  return `${JSON.stringify(root, null, 2)}\n`;
}

function assertInputName(name: string): void {
  if (!IDENTIFIER.test(name) || RESERVED.has(name)) {
    throw new InvalidModuleInputError(`"${name}" cannot be the name of a module input`);
  }
}

function buildSource(module: RunSpec['module']): Record<string, string> {
  return {
    source: escapeTemplate(module.source),
    ...(module.version === undefined ? {} : { version: escapeTemplate(module.version) }),
  };
}

function buildInputs(names: readonly string[]): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, `\${var.${name}}`]));
}

function buildOutputs(): Record<string, unknown> {
  const sensitivity = '${{for name, value in module.resource : name => issensitive(value)}}';
  return {
    [RESOURCE_OUTPUT]: { value: '${module.resource}', sensitive: true },
    [SENSITIVE_OUTPUT]: { value: sensitivity },
  };
}

/** In the JSON syntax every string is a template. A function, since `$$` means `$` in a replacement. */
function escapeTemplate(text: string): string {
  return text.replace(/[$%]\{/g, (opening) => `${opening.charAt(0)}${opening}`);
}
