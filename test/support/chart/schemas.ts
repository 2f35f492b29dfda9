import { mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';

type Schema = Record<string, unknown>;

interface KindOfVersion {
  group: string;
  version: string;
  kind: string;
}

/**
 * Writes the schemas of everything that an API server serves as kubeconform reads them: one file for
 * all definitions, and one for each kind that points into it.
 *
 * @param openApi what the API server says at /openapi/v2
 * @param directory an empty folder
 * @returns the `-schema-location` of kubeconform
 */
export function writeSchemas(openApi: string, directory: string): string {
  const { definitions } = JSON.parse(openApi) as { definitions: Record<string, Schema> };
  mkdirSync(directory, { recursive: true });
  const strict = Object.fromEntries(
    Object.entries(definitions).map(([name, schema]) => [name, toStrict(name, schema)]),
  );
  const write = (file: string, schema: Schema): void =>
    writeFileSync(path.join(directory, file), JSON.stringify(schema));
  write('_definitions.json', { definitions: strict });
  for (const [name, schema] of Object.entries(definitions)) {
    for (const { group, version, kind } of kindsOf(schema)) {
      const suffix = group === '' ? version : `${group.split('.')[0]}-${version}`;
      const file = `${kind.toLowerCase()}-${suffix}.json`;
      write(file, { $ref: `_definitions.json#/definitions/${name}` });
    }
  }
  return path.join(directory, '{{.ResourceKind}}{{.KindSuffix}}.json');
}

function kindsOf(schema: Schema): KindOfVersion[] {
  return (schema['x-kubernetes-group-version-kind'] ?? []) as KindOfVersion[];
}

/** No field that the definition does not name, and numbers where text and numbers both may stand. */
function toStrict(name: string, schema: Schema): Schema {
  if (name.endsWith('.IntOrString') || name.endsWith('.Quantity')) {
    return { type: ['string', 'integer', 'number'] };
  }
  const properties = schema['properties'];
  return properties === undefined || 'additionalProperties' in schema
    ? schema
    : { ...schema, additionalProperties: false };
}
