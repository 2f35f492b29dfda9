import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { checkoutDirectory } from '../../dev/paths.ts';
import { buildReadme } from '../../dev/chart/build-readme.ts';
import { buildEnvExample } from '../../dev/chart/build-env-example.ts';
import { describeSettings } from '../../dev/chart/describe-settings.ts';
import { podsOf } from '../support/chart/pods.ts';
import type { HelmMajor } from '../support/chart/helm.ts';
import { helmMajors, useHelm, valuesFiles } from '../support/chart/helm.ts';
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
  'an account of a built-in class as one of your own': {
    set: ['runs.accounts.quartermaster-class-postgres.inProjects=true'],
    names: 'accounts',
  },
  'a variable with a field that none has': { set: ['api.env[0].nam=A'], names: 'env' },
  'a volume without a unit': { set: ['postgres.storage.size=2'], names: 'size' },
  'a switch that is no switch': {
    set: ['monitoring.rules.enabled=perhaps'],
    names: 'enabled',
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

const { version } = JSON.parse(readText('package.json')) as { version: string };

for (const major of Object.keys(helmMajors) as HelmMajor[]) {
  describe(`the chart under ${major}`, () => {
    const helm = useHelm(major);

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
            'helm.sh/chart': `quartermaster-${version}`,
          });
        }
      });
    }
  });
}

describe('the chart', () => {
  const helm = useHelm();
  const helm3 = useHelm('Helm 3');

  for (const values of valuesFiles) {
    it(`holds nothing secret with ${values}: what is secret is made at the first start`, async () => {
      const secrets = (await helm().render({ values })).filter(({ kind }) => kind === 'Secret');
      expect(secrets).to.have.length.above(0);
      for (const secret of secrets) {
        expect(secret, secret.metadata.name).not.to.have.any.keys('data', 'stringData');
      }
    });

    it(`is the same under both majors of Helm with ${values}`, async () => {
      expect(await helm3().render({ values })).to.deep.equal(await helm().render({ values }));
    });
  }

  it('has the version of the product', () => {
    expect(readYaml('charts', 'quartermaster', 'Chart.yaml')).to.include({
      version,
      appVersion: version,
    });
  });

  it('explains every value in its README, as it is now', async () => {
    const [readme, values] = [
      readText('charts', 'quartermaster', 'README.md'),
      readText('charts', 'quartermaster', 'values.yaml'),
    ];
    expect(await buildReadme(readme, values), 'run `npm run chart:readme`').to.equal(readme);
  });

  it('has every variable of the programs explained in docs/configure.md', () => {
    const page = readText('docs', 'configure.md');
    const settings = [readText('api', 'config.ts'), readText('operator', 'config.ts')].flatMap(
      describeSettings,
    );
    expect(settings).to.have.length.above(30);
    const missing = settings.filter(({ name }) => !page.includes(`| \`${name}\``));
    expect(missing, 'run `npm run chart:readme`').to.deep.equal([]);
  });

  it('has every variable in .env.example, with what it is for', () => {
    const sources = {
      api: readText('api', 'config.ts'),
      operator: readText('operator', 'config.ts'),
    };
    const example = buildEnvExample(sources);
    expect(readText('.env.example'), 'run `npm run chart:readme`').to.equal(example);
    const settings = Object.values(sources).flatMap(describeSettings);
    const silent = settings.filter(({ description }) => description === '');
    expect(silent.map(({ name }) => name)).to.deep.equal([]);
    for (const { name } of settings) expect(example).to.match(new RegExp(`^(# )?${name}=`, 'm'));
  });

  it('sets no variable that the programs do not know', async () => {
    const known = new Set(
      [readText('api', 'config.ts'), readText('operator', 'config.ts')].flatMap((source) =>
        describeSettings(source).map(({ name }) => name),
      ),
    );
    const pods = podsOf(await helm().render()).filter(({ from }) => from.startsWith('Deployment'));
    for (const { from, spec } of pods) {
      const own = (spec.containers[0]?.env ?? []).filter(({ name }) => !name.startsWith('NODE_'));
      for (const { name } of own) expect(known, from).to.include(name);
    }
  });
});
