import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { checkoutDirectory } from '../../dev/paths.ts';
import { chartDirectory, useHelm, valuesFiles } from '../support/chart/helm.ts';
import { rejection } from '../support/rejection.ts';

/** Values that the schema or a template has to refuse, and what the message has to name. */
const refused: Record<string, { set: string[]; names: string }> = {
  'an unknown key': { set: ['replicas=2'], names: 'replicas' },
  'an unknown key further down': { set: ['api.ingress.hosts=a'], names: 'hosts' },
  'a wrong type': { set: ['api.replicas=many'], names: 'replicas' },
  'a number below zero': { set: ['operator.replicas=-1'], names: 'replicas' },
  'a digest that is none': { set: ['image.digest=latest'], names: 'digest' },
  'a database Secret without a name': {
    set: ['database.existingSecret='],
    names: 'existingSecret',
  },
  'an address without a scheme': { set: ['api.publicUrl=example.com'], names: 'publicUrl' },
  'an Ingress without a host': { set: ['api.ingress.enabled=true'], names: 'host' },
  'a built-in class that is none': { set: ['catalogue.builtIn={mysql}'], names: 'builtIn' },
  'a class of your own without a module': {
    set: ['catalogue.classes.bucket.title=Bucket'],
    names: 'bucket',
  },
  'a class of your own under the name of a built-in one': {
    set: [
      'catalogue.classes.postgres.title=Mine',
      'catalogue.classes.postgres.module.source=./mine',
      'catalogue.classes.postgres.parameters.type=object',
    ],
    names: 'the class postgres is built in',
  },
  'runs beside the keys of the api': {
    set: ['runs.namespace=quartermaster-system', 'catalogue.builtIn={postgres}'],
    names: 'must not be the namespace of the release',
  },
  'another runs namespace than the built-in class "namespace" knows': {
    set: ['runs.namespace=elsewhere'],
    names: 'catalogue.builtIn',
  },
};

function readText(...parts: string[]): string {
  return readFileSync(path.join(checkoutDirectory, ...parts), 'utf8');
}

function readYaml(...parts: string[]): Record<string, unknown> {
  return parse(readText(...parts)) as Record<string, unknown>;
}

/** The dotted names of all values that are no sections. */
function listKeys(values: object, prefix = ''): string[] {
  return Object.entries(values).flatMap(([key, value]: [string, unknown]) => {
    const isSection = typeof value === 'object' && value !== null && !Array.isArray(value);
    return isSection && Object.keys(value).length > 0 && key !== 'resources'
      ? listKeys(value, `${prefix}${key}.`)
      : [`${prefix}${key}`];
  });
}

describe('the chart', () => {
  const helm = useHelm();

  for (const [what, { set, names }] of Object.entries(refused)) {
    it(`refuses ${what}`, async () => {
      expect((await rejection(helm().template({ set }))).message).to.include(names);
    });
  }

  for (const values of valuesFiles) {
    it(`has no fault under a strict eye with ${values}`, async () => {
      expect(await helm().lint({ values })).to.include('0 chart(s) failed');
    });

    it(`renders the same bytes twice with ${values}`, async () => {
      const [first, second] = [
        await helm().template({ values }),
        await helm().template({ values }),
      ];
      expect(second).to.equal(first);
    });

    it(`labels every object with ${values}`, async () => {
      for (const object of await helm().render({ values })) {
        expect(object.metadata.labels, `${object.kind} ${object.metadata.name}`).to.include({
          'app.kubernetes.io/name': 'quartermaster',
          'app.kubernetes.io/instance': 'quartermaster',
          'app.kubernetes.io/managed-by': 'Helm',
          'helm.sh/chart': 'quartermaster-0.1.0',
        });
      }
    });
  }

  it('makes no Secret: nothing secret is rendered or random', async () => {
    const text = await helm().template();
    expect(text).not.to.match(/^kind: Secret$/m);
  });

  it('has the version of the product', () => {
    const { version } = JSON.parse(readText('package.json')) as { version: string };
    expect(readYaml('charts', 'quartermaster', 'Chart.yaml')).to.include({
      version,
      appVersion: version,
    });
  });

  it('explains every value in its README', () => {
    const readme = readFileSync(path.join(chartDirectory, 'README.md'), 'utf8');
    const keys = listKeys(readYaml('charts', 'quartermaster', 'values.yaml'));
    expect(keys.filter((key) => !readme.includes(`\`${key}\``))).to.deep.equal([]);
  });
});
