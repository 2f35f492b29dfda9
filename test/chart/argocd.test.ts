import { existsSync, readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { buildArgocdConfig, healthDirectory } from '../../dev/chart/build-argocd-config.ts';
import { parseManifests } from '../../dev/kubernetes/apply-manifests.ts';
import { checkoutDirectory } from '../../dev/paths.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import {
  chartDirectory,
  useHelm,
  valuesFiles,
  type RenderedObject,
} from '../support/chart/helm.ts';
import { ensureLua, runHealthScript, type HealthStatus } from '../support/chart/lua.ts';

const directory = path.join(checkoutDirectory, 'argocd');
const kinds = ['ResourceClass', 'ResourceRequest', 'ResourceRun'];

interface HealthTests {
  tests: { inputPath: string; healthStatus: HealthStatus }[];
}

interface KindOfGroup {
  group: string;
  kind: string;
}

interface Project extends KubeObject {
  spec: {
    sourceRepos: string[];
    destinations: { namespace: string }[];
    clusterResourceWhitelist: KindOfGroup[];
    namespaceResourceWhitelist: KindOfGroup[];
  };
}

interface Application extends KubeObject {
  spec: {
    project: string;
    source: { path: string; targetRevision: string; helm?: { valueFiles: string[] } };
    destination: { namespace: string };
  };
}

function readFile(...parts: string[]): string {
  return readFileSync(path.join(directory, ...parts), 'utf8');
}

function readProject(...parts: string[]): Project {
  return parse(readFile(...parts)) as Project;
}

function readApplication(environment: string): Application {
  return parse(readFile('applications', `${environment}.yaml`)) as Application;
}

function readTests(kind: string): HealthTests['tests'] {
  const file = path.join(healthDirectory, kind, 'health_test.yaml');
  return (parse(readFileSync(file, 'utf8')) as HealthTests).tests;
}

describe('the health of our kinds in Argo CD', function () {
  this.timeout(30_000);
  before('find Lua', async function () {
    this.timeout(5 * 60_000);
    await ensureLua();
  });

  for (const kind of kinds) {
    for (const { inputPath, healthStatus } of readTests(kind)) {
      const name = path.basename(inputPath, '.yaml');
      it(`is ${healthStatus.status} for a ${kind} in the case "${name}"`, async () => {
        const folder = path.join(healthDirectory, kind);
        const resource: unknown = parse(readFileSync(path.join(folder, inputPath), 'utf8'));
        const said = await runHealthScript(path.join(folder, 'health.lua'), resource);
        expect(said).to.deep.equal(healthStatus);
      });
    }

    it(`is tested with every resource that stands beside the script of ${kind}`, () => {
      const files = readdirSync(path.join(healthDirectory, kind, 'testdata')).sort();
      const tested = readTests(kind).map(({ inputPath }) => path.basename(inputPath));
      expect(tested.sort()).to.deep.equal(files);
    });
  }

  it('is given to Argo CD by scripts for all of our kinds, as they stand in their folders', () => {
    expect(readdirSync(healthDirectory).sort()).to.deep.equal(kinds);
    expect(readFile('argocd-cm.yaml'), 'run `npm run argocd:config`').to.equal(buildArgocdConfig());
  });
});

describe('the Applications of Argo CD', () => {
  const helm = useHelm();
  const environments = ['development', 'staging', 'production'];

  /** The kinds that the chart makes, with every values file there is. */
  async function renderAll(): Promise<RenderedObject[]> {
    const own = await Promise.all(valuesFiles.map((values) => helm().render({ values })));
    const theirs = await Promise.all(environments.map((name) => renderFor(name)));
    return [...own, ...theirs]
      .flat()
      .filter(({ metadata }) => metadata.name !== 'quartermaster-test');
  }

  function renderFor(environment: string): Promise<RenderedObject[]> {
    return helm().render({ values: path.join(directory, 'values', `${environment}.yaml`) });
  }

  const nameOf = ({ group, kind }: KindOfGroup): string => `${group}/${kind}`;
  const kindOf = ({ apiVersion, kind }: RenderedObject): string =>
    `${apiVersion.includes('/') ? apiVersion.split('/')[0] : ''}/${kind}`;

  it('belong to a project that may make what the chart makes, and nothing else', async () => {
    const { spec } = readProject('project.yaml');
    const objects = await renderAll();
    const clusterWide = objects.filter(({ metadata }) => metadata.namespace === undefined);
    const namespaced = objects.filter(({ metadata }) => metadata.namespace !== undefined);
    const unique = (list: string[]): string[] => [...new Set(list)].sort();
    expect(spec.clusterResourceWhitelist.map(nameOf).sort()).to.deep.equal(
      unique(clusterWide.map(kindOf)),
    );
    expect(spec.namespaceResourceWhitelist.map(nameOf).sort()).to.deep.equal(
      unique(namespaced.map(kindOf)),
    );
    expect(spec.sourceRepos.join()).not.to.include('*');
  });

  for (const environment of environments) {
    it(`render the chart for ${environment} with values that it takes`, async () => {
      const { spec } = readApplication(environment);
      expect(spec.project).to.equal(readProject('project.yaml').metadata.name);
      expect(path.join(checkoutDirectory, spec.source.path)).to.equal(chartDirectory);
      const [file = ''] = spec.source.helm?.valueFiles ?? [];
      expect(existsSync(path.join(chartDirectory, file)), file).to.equal(true);
      const namespaces = (await renderFor(environment)).map(({ metadata }) => metadata.namespace);
      const allowed = readProject('project.yaml').spec.destinations.map(
        ({ namespace }) => namespace,
      );
      expect([undefined, ...allowed]).to.include.members(namespaces);
    });
  }

  it('bring staging and production a release, which has the version of the product', () => {
    const { version } = parse(
      readFileSync(path.join(checkoutDirectory, 'package.json'), 'utf8'),
    ) as { version: string };
    for (const environment of ['staging', 'production']) {
      const { spec } = readApplication(environment);
      expect(spec.source.targetRevision, environment).to.equal(`v${version}`);
    }
  });

  it('let a team file requests, and nothing else, in its own namespace', () => {
    const { spec } = readProject('example-team', 'project.yaml');
    expect(spec.namespaceResourceWhitelist.map(nameOf)).to.deep.equal([
      'quartermaster.dev/ResourceRequest',
    ]);
    expect(spec.clusterResourceWhitelist).to.deep.equal([]);
    const [request] = parseManifests(readFile('example-team', 'requests', 'orders-database.yaml'));
    expect(request).to.have.nested.property('metadata.namespace', spec.destinations[0]?.namespace);
    expect(request).not.to.have.nested.property('spec.approval');
  });

  it('see claims of volumes written out in full, because that list is compared as a whole', async () => {
    const objects = await helm().render({ values: 'trial-values.yaml' });
    const claims = objects.flatMap(
      ({ spec }) => (spec?.['volumeClaimTemplates'] ?? []) as object[],
    );
    expect(claims).to.have.length(1);
    expect(claims[0]).to.deep.include({ apiVersion: 'v1', kind: 'PersistentVolumeClaim' });
    expect(claims[0]).to.have.nested.property('spec.volumeMode', 'Filesystem');
  });

  it('go in waves: definitions, migration, everything else, classes', async () => {
    const waves = (await helm().render()).map(({ kind, metadata }) => ({
      kind: `${kind} ${metadata.name}`,
      wave: Number(metadata.annotations?.['argocd.argoproj.io/sync-wave'] ?? 0),
    }));
    const waveOf = (name: string): number | undefined =>
      waves.find(({ kind }) => kind === name)?.wave;
    expect(waveOf('CustomResourceDefinition resourcerequests.quartermaster.dev')).to.equal(-10);
    expect(waveOf('Job quartermaster-migration')).to.equal(-5);
    expect(waveOf('Deployment quartermaster-api')).to.equal(0);
    expect(waveOf('Job quartermaster-catalogue')).to.equal(5);
  });
});
