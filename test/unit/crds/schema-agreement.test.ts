import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { z } from 'zod';
import { resourceClassSchema } from '../../../crds/resource-class.ts';
import { requestNameSchema, resourceRequestSchema } from '../../../crds/resource-request.ts';
import { resourceRunSchema } from '../../../crds/resource-run.ts';
import {
  RESOURCE_CLASSES,
  RESOURCE_REQUESTS,
  RESOURCE_RUNS,
} from '../../../crds/resource-types.ts';
import type { ResourceType } from '../../../lib/kube/resource-types.ts';
import { summarizeSchema, type JsonSchema } from '../../support/summarize-schema.ts';

interface Definition {
  spec: {
    group: string;
    scope: string;
    names: { plural: string; kind: string };
    versions: { name: string; schema: { openAPIV3Schema: JsonSchema } }[];
  };
}

function readDefinition(name: string): Definition {
  const file = path.resolve(import.meta.dirname, `../../../crds/${name}.crd.yaml`);
  return parse(readFileSync(file, 'utf8')) as Definition;
}

const kinds: { file: string; schema: z.ZodObject; type: ResourceType }[] = [
  { file: 'resource-class', schema: resourceClassSchema, type: RESOURCE_CLASSES },
  { file: 'resource-request', schema: resourceRequestSchema, type: RESOURCE_REQUESTS },
  { file: 'resource-run', schema: resourceRunSchema, type: RESOURCE_RUNS },
];

describe('the CRDs and the zod schemas', () => {
  for (const { file, schema, type } of kinds) {
    const { spec } = readDefinition(file);
    const openApi = spec.versions[0]!.schema.openAPIV3Schema;
    // What a writer may send: defaults are not yet filled in.
    const json = z.toJSONSchema(schema, { io: 'input' }) as JsonSchema;

    for (const part of ['spec', 'status'] as const) {
      it(`agree about the ${part} of a ${type.kind}`, () => {
        const fromYaml = summarizeSchema(openApi.properties![part]!);
        const fromZod = summarizeSchema(json.properties![part]!);
        expect(fromZod).to.deep.equal(fromYaml);
        expect(Object.keys(fromYaml).length).to.be.greaterThan(5);
      });
    }

    it(`agree about what a ${type.kind} must have`, () => {
      expect(openApi.required).to.deep.equal(['spec']);
      expect(json.required).to.include('spec').and.not.include('status');
    });

    it(`are found where the resource type of ${type.kind} says`, () => {
      const { group, scope, names, versions } = spec;
      expect({
        group,
        version: versions[0]!.name,
        plural: names.plural,
        kind: names.kind,
        namespaced: scope === 'Namespaced',
      }).to.deep.equal(type);
    });
  }

  it('agree about the name of a request', () => {
    const rules = JSON.stringify(readDefinition('resource-request'));
    const json = z.toJSONSchema(requestNameSchema) as JsonSchema;
    expect(rules).to.contain(`size() <= ${json.maxLength}`);
    expect(rules).to.contain(`matches('${json.pattern}')`);
  });
});
