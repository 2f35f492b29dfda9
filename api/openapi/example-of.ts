/** A JSON Schema, as far as examples are made from it. */
export interface ExampleSchema {
  $ref?: string;
  type?: string | readonly string[];
  format?: string;
  example?: unknown;
  examples?: readonly unknown[];
  default?: unknown;
  const?: unknown;
  enum?: readonly unknown[];
  minimum?: number;
  properties?: Readonly<Record<string, ExampleSchema>>;
  items?: ExampleSchema;
  anyOf?: readonly ExampleSchema[];
  oneOf?: readonly ExampleSchema[];
  allOf?: readonly ExampleSchema[];
}

/** What things of these names look like; other texts are `text`. */
const BY_NAME: Readonly<Record<string, unknown>> = {
  access_token: 'eyJhbGciOiJSUzI1NiIsInR5cCI6ImF0K2p3dCJ9.e30.c2lnbmF0dXJl',
  action: 'read',
  amount: '12.50',
  class_name: 'postgres',
  currency: 'EUR',
  email: 'ada@example.com',
  expires_in: 900,
  monthly_cost: 12.5,
  name: 'orders',
  namespace: 'acme-shop',
  new_password: 'correct horse battery',
  next: null,
  openapi: '3.1.0',
  password: 'correct horse battery',
  current_password: 'correct horse staple',
  resource: 'projects',
  secret_name: 'orders-credentials',
  slug: 'shop',
  url: 'https://example.com/hooks',
};

const BY_FORMAT: Readonly<Record<string, string>> = {
  'date-time': '2026-05-04T12:30:00.000Z',
  uuid: '0196a2c4-8f00-7b3a-9c55-3d2f1e0a9b7c',
  uri: 'https://example.com/hooks',
  email: 'ada@example.com',
};

/**
 * An example of what a schema describes: the one that the schema gives, else one made of its parts.
 *
 * @param schema the schema
 * @param components the schemas that it refers to, by name
 * @param name the field that it is for
 */
export function exampleOf(
  schema: ExampleSchema,
  components: Readonly<Record<string, ExampleSchema>>,
  name = '',
): unknown {
  if (schema.$ref !== undefined) {
    const target = components[schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)] ?? {};
    return exampleOf(target, components, name);
  }
  const given = givenExample(schema);
  if (given !== undefined) return given;
  const one = schema.anyOf?.[0] ?? schema.oneOf?.[0];
  if (one) return exampleOf(one, components, name);
  if (schema.allOf) {
    return Object.assign({}, ...schema.allOf.map((part) => exampleOf(part, components, name)));
  }
  return exampleOfType(schema, components, name);
}

function givenExample(schema: ExampleSchema): unknown {
  return (
    schema.example ?? schema.examples?.[0] ?? schema.const ?? schema.default ?? schema.enum?.[0]
  );
}

function exampleOfType(
  schema: ExampleSchema,
  components: Readonly<Record<string, ExampleSchema>>,
  name: string,
): unknown {
  const type = typeof schema.type === 'string' ? schema.type : schema.type?.[0];
  if (type === 'object') {
    const fields = Object.entries(schema.properties ?? {});
    return Object.fromEntries(fields.map(([key, part]) => [key, exampleOf(part, components, key)]));
  }
  if (type === 'array') return schema.items ? [exampleOf(schema.items, components, name)] : [];
  return exampleOfValue(schema, type, name);
}

function exampleOfValue(schema: ExampleSchema, type: string | undefined, name: string): unknown {
  if (type === 'boolean') return false;
  if (Object.hasOwn(BY_NAME, name)) return BY_NAME[name];
  if (type === 'integer' || type === 'number') return schema.minimum ?? 1;
  return BY_FORMAT[schema.format ?? ''] ?? 'text';
}
