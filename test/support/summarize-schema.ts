/** The part of JSON Schema that both CRDs and zod write. */
export interface JsonSchema {
  type?: string;
  properties?: Record<string, JsonSchema>;
  additionalProperties?: JsonSchema | boolean;
  items?: JsonSchema;
  required?: string[];
  enum?: unknown[];
  format?: string;
  pattern?: string;
  default?: unknown;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  maxItems?: number;
  maxProperties?: number;
  [extension: string]: unknown;
}

const FREE = 'x-kubernetes-preserve-unknown-fields';
const RULES = ['default', 'minLength', 'maxLength', 'minimum', 'maximum', 'maxItems'] as const;

/**
 * Brings a schema into one line per path, so that two ways of writing the same rules are equal.
 * Where a schema lets everything pass, what stands below it is not compared.
 *
 * @returns path → rules, such as `.module.source` → `string required minLength=1 maxLength=2048`
 */
export function summarizeSchema(schema: JsonSchema): Record<string, string> {
  const lines: Record<string, string> = {};
  visit(schema, '', false, lines);
  return lines;
}

function visit(
  schema: JsonSchema,
  at: string,
  isRequired: boolean,
  lines: Record<string, string>,
): void {
  lines[at] = describeSchema(schema, isRequired);
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    visit(property, `${at}.${name}`, schema.required?.includes(name) ?? false, lines);
  }
  if (schema.items && !isFree(schema.items)) visit(schema.items, `${at}[]`, false, lines);
  const values = schema.additionalProperties;
  if (typeof values === 'object' && !isFree(values)) visit(values, `${at}{}`, false, lines);
}

function describeSchema(schema: JsonSchema, isRequired: boolean): string {
  const words = [schema.type ?? 'any'];
  if (isRequired) words.push('required');
  if (schema.enum) words.push(`enum=${[...schema.enum].sort().join('|')}`);
  // zod adds a pattern to its date-time; the format says the same.
  if (schema.format === 'date-time') words.push('date-time');
  else if (schema.pattern) words.push(`pattern=${schema.pattern}`);
  for (const rule of RULES) {
    if (isMeant(schema, rule)) words.push(`${rule}=${JSON.stringify(schema[rule])}`);
  }
  return words.join(' ');
}

/** zod bounds every integer to what JavaScript can count; that is not a rule of ours. */
function isMeant(schema: JsonSchema, rule: (typeof RULES)[number]): boolean {
  const value = schema[rule];
  return value !== undefined && Math.abs(Number(value)) !== Number.MAX_SAFE_INTEGER;
}

function isFree(schema: JsonSchema): boolean {
  return schema[FREE] === true || schema['anyOf'] !== undefined || Object.keys(schema).length === 0;
}
