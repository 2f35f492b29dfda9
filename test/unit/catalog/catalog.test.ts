import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { Ajv2020 } from 'ajv/dist/2020.js';
import { expect } from 'chai';
import { parse } from 'yaml';
import { z } from 'zod';
import type { ResourceClass } from '../../../crds/resource-class.ts';
import { resourceClassSchema } from '../../../crds/resource-class.ts';
import { checkoutDirectory, readModule, readProviders } from './module-files.ts';

const parameterSchema = z.looseObject({
  type: z.string(),
  title: z.string().min(1),
  description: z.string().min(1),
  default: z.unknown().optional(),
});

/** Where the image has the modules, and where the checkout has them. */
const moduleRoots = [
  { inImage: '/opt/quartermaster/catalog/modules/', here: 'catalog/modules' },
  { inImage: '/opt/quartermaster/test-modules/', here: 'test/support/modules' },
];

const files = ['catalog/classes', 'test/support/classes'].flatMap((folder) =>
  readdirSync(path.join(checkoutDirectory, folder)).map((name) => path.join(folder, name)),
);

function readClass(file: string): ResourceClass {
  return resourceClassSchema.parse(parse(readFileSync(path.join(checkoutDirectory, file), 'utf8')));
}

function moduleDirectory({ spec }: ResourceClass): string {
  const root = moduleRoots.find(({ inImage }) => spec.module.source.startsWith(inImage));
  if (!root) throw new Error(`${spec.module.source} is not in the image`);
  return path.join(checkoutDirectory, root.here, spec.module.source.slice(root.inImage.length));
}

function readParameters({ spec }: ResourceClass): Record<string, z.infer<typeof parameterSchema>> {
  return z.record(z.string(), parameterSchema).parse(spec.parameters['properties']);
}

/** Numbers and texts have limits, so that nobody asks for everything. */
function isBounded(schema: Record<string, unknown>): boolean {
  if (schema['enum'] !== undefined || schema['type'] === 'boolean') return true;
  if (schema['type'] === 'string') return schema['maxLength'] !== undefined;
  return schema['minimum'] !== undefined && schema['maximum'] !== undefined;
}

describe('the catalogue', () => {
  for (const file of files) {
    describe(file, () => {
      const resourceClass = readClass(file);
      const { spec } = resourceClass;
      const parameters = readParameters(resourceClass);
      const module = readModule(moduleDirectory(resourceClass));

      it('is named after its file', () => {
        expect(path.basename(file, '.yaml')).to.equal(resourceClass.metadata.name);
      });

      it('refuses a parameter that it does not know', () => {
        const validate = new Ajv2020({ strict: true }).compile(spec.parameters);
        expect(validate({ unknown_parameter: 1 })).to.equal(false);
      });

      it('takes a request without any parameter, because each has a valid default', () => {
        const validate = new Ajv2020({ strict: true, useDefaults: true }).compile(spec.parameters);
        const filled = {};
        expect(validate(filled), JSON.stringify(validate.errors)).to.equal(true);
        expect(filled).to.have.all.keys(Object.keys(parameters));
      });

      it('gives every parameter bounds', () => {
        const unbounded = Object.keys(parameters).filter(
          (name) => !isBounded(parameters[name] ?? {}),
        );
        expect(unbounded).to.deep.equal([]);
      });

      it('feeds every variable of its module from one place, and nothing else', () => {
        const fed = [parameters, spec.variables ?? {}, spec.generated ?? {}].flatMap(Object.keys);
        expect(fed.sort()).to.deep.equal(module.variables);
      });

      it('publishes only outputs that its module has', () => {
        const credentials = (spec.outputs?.credentials ?? []).map((entry) =>
          typeof entry === 'string' ? entry : entry.from,
        );
        expect(module.outputs).to.include.members([
          ...credentials,
          ...(spec.outputs?.public ?? []),
        ]);
      });

      it('keeps what it generates out of the public outputs', () => {
        const secrets = Object.keys(spec.generated ?? {});
        expect(spec.outputs?.public ?? []).to.not.include.members(
          secrets.length > 0 ? secrets : ['-'],
        );
      });
    });
  }
});

describe('the providers in the image', () => {
  const readText = (file: string): string =>
    readFileSync(path.join(checkoutDirectory, 'catalog', file), 'utf8');
  const inImage = readProviders(readText('providers.tf'));

  for (const name of readdirSync(path.join(checkoutDirectory, 'catalog/modules'))) {
    it(`are those that the module ${name} requires`, () => {
      const { providers } = readModule(path.join(checkoutDirectory, 'catalog/modules', name));
      expect(inImage).to.include(providers);
    });
  }

  it('are not looked for in a registry', () => {
    const configuration = readText('tofu.rc');
    for (const provider of Object.keys(inImage)) {
      expect(configuration).to.include(`"registry.opentofu.org/${provider}"`);
      expect(configuration).to.include(`"registry.terraform.io/${provider}"`);
    }
  });
});
