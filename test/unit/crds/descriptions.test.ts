import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';

interface Schema {
  description?: string;
  properties?: Record<string, Schema>;
  items?: Schema;
  additionalProperties?: Schema | boolean;
}

/** The API server describes them by itself. */
const DESCRIBED: readonly string[] = ['apiVersion', 'kind', 'metadata'];

function readSchema(name: string): Schema {
  const file = path.resolve(import.meta.dirname, `../../../crds/${name}.crd.yaml`);
  const definition = parse(readFileSync(file, 'utf8')) as {
    spec: { versions: { schema: { openAPIV3Schema: Schema } }[] };
  };
  return definition.spec.versions[0]!.schema.openAPIV3Schema;
}

/** Every field by its path, with what is said about it. */
function listFields(schema: Schema, at: string[] = []): [string, string][] {
  const below: [string, Schema][] = Object.entries(schema.properties ?? {});
  if (schema.items) below.push(['[]', schema.items]);
  if (typeof schema.additionalProperties === 'object') {
    below.push(['*', schema.additionalProperties]);
  }
  return [
    [at.join('.'), schema.description ?? ''],
    ...below.flatMap(([name, field]) => listFields(field, [...at, name])),
  ];
}

describe('what kubectl explain says about', () => {
  for (const name of ['resource-class', 'resource-request', 'resource-run']) {
    it(`each field of a ${name} is a sentence`, () => {
      const fields = listFields(readSchema(name)).filter(([field]) => !DESCRIBED.includes(field));
      expect(fields.length).to.be.greaterThan(30);
      for (const [field, text] of fields) expect(text, field).to.match(/^[A-Z].*\.$/s);
    });
  }
});
