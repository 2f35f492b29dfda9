import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { checkoutDirectory } from '../../dev/paths.ts';
import type { RenderedObject, Rule } from '../support/chart/helm.ts';
import { useHelm, valuesFiles } from '../support/chart/helm.ts';
import { environmentOf, podsOf } from '../support/chart/pods.ts';
import { readCrds } from '../support/kube/install-crds.ts';

const digest = 'sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef';

function annotationsOf(object: RenderedObject | undefined): Record<string, string> {
  return object?.metadata.annotations ?? {};
}

function mentions(rules: Rule[] | undefined, object: RenderedObject | undefined): boolean {
  const name = object?.metadata.name;
  return rules?.some((rule) => rule.resourceNames?.includes(name ?? '')) === true;
}

function includesAll(labels: Record<string, string>, wanted: Record<string, string>): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}

/** The metrics that docs/operate-metrics.md lists. */
function listMetrics(): string[] {
  const text = readFileSync(path.join(checkoutDirectory, 'docs', 'operate-metrics.md'), 'utf8');
  return [...text.matchAll(/^\| `(quartermaster_[a-z_]+)`/gm)].map(([, name]) => name ?? '');
}

describe('what the chart renders', () => {
  const helm = useHelm();
  let objects: RenderedObject[];

  before('render the defaults', async () => {
    objects = await helm().render();
  });

  function find(kind: string, name: string): RenderedObject | undefined {
    return objects.find((object) => object.kind === kind && object.metadata.name === name);
  }

  it('keeps the definitions of our kinds, which are those of the checkout', () => {
    const rendered = objects.filter(({ kind }) => kind === 'CustomResourceDefinition');
    const specs = (crds: readonly { metadata: { name: string }; spec?: unknown }[]): object =>
      Object.fromEntries(crds.map(({ metadata, spec }) => [metadata.name, spec]));
    expect(specs(rendered)).to.deep.equal(specs(readCrds()));
    for (const object of rendered) {
      expect(annotationsOf(object)).to.include({ 'helm.sh/resource-policy': 'keep' });
    }
  });

  it('keeps the namespace of the runs, which holds the state, and lets only harmless pods in', () => {
    const namespace = find('Namespace', 'quartermaster-runs');
    expect(annotationsOf(namespace)).to.include({ 'helm.sh/resource-policy': 'keep' });
    expect(namespace?.metadata.labels).to.include({
      'pod-security.kubernetes.io/enforce': 'restricted',
    });
    expect(find('Namespace', 'quartermaster-system')).to.equal(undefined);
  });

  it('migrates before anything else, under Helm and under Argo CD, without anything of the chart', () => {
    expect(annotationsOf(find('Job', 'quartermaster-migration'))).to.deep.equal({
      'helm.sh/hook': 'pre-install,pre-upgrade',
      'helm.sh/hook-weight': '-5',
      'helm.sh/hook-delete-policy': 'before-hook-creation',
      'argocd.argoproj.io/hook': 'Sync',
      'argocd.argoproj.io/hook-delete-policy': 'BeforeHookCreation',
      'argocd.argoproj.io/sync-wave': '-5',
    });
    const pod = podsOf(objects).find(({ from }) => from === 'Job quartermaster-migration');
    expect(pod?.spec.serviceAccountName).to.equal('default');
    expect(pod?.spec.automountServiceAccountToken).to.equal(false);
    const names = pod?.spec.containers[0]?.env?.map(({ name }) => name);
    expect(names).to.deep.equal(['OWNER_DATABASE_URL']);
  });

  it('with a PostgreSQL of its own, migrates by an ordinary Job, whose name tells what it runs', async () => {
    const jobOf = async (set: string[]): Promise<RenderedObject | undefined> =>
      (await helm().render({ values: 'trial-values.yaml', set })).find(
        ({ kind, metadata }) => kind === 'Job' && metadata.name.includes('migration'),
      );
    const [job, same, other] = [await jobOf([]), await jobOf([]), await jobOf(['image.tag=next'])];
    expect(annotationsOf(job)).to.deep.equal({ 'argocd.argoproj.io/sync-wave': '-5' });
    expect(same?.metadata.name).to.equal(job?.metadata.name);
    expect(other?.metadata.name).not.to.equal(job?.metadata.name);
  });

  it('keeps volume and logins of that PostgreSQL together, and makes the passwords nowhere', async () => {
    const trial = await helm().render({ values: 'trial-values.yaml' });
    const secret = trial.find(
      ({ kind, metadata }) => kind === 'Secret' && metadata.name === 'quartermaster-database',
    );
    expect(annotationsOf(secret)).to.include({ 'helm.sh/resource-policy': 'keep' });
    expect(secret).not.to.have.any.keys('data', 'stringData');
    const writers = trial.filter(({ kind, rules }) => kind === 'Role' && mentions(rules, secret));
    expect(writers.map(({ metadata }) => metadata.name)).to.deep.equal(['quartermaster-database']);
    expect(writers[0]?.rules?.[0]).to.deep.include({ verbs: ['get', 'update'] });
  });

  it('keeps the keys of the api, made empty, so that the api needs no right to create Secrets', () => {
    for (const kept of [
      find('Secret', 'quartermaster-api-keys'),
      find('ConfigMap', 'quartermaster-approval-keys'),
    ]) {
      expect(kept, kept?.kind).not.to.have.property('data');
      expect(annotationsOf(kept)).to.deep.equal({
        'helm.sh/resource-policy': 'keep',
        'argocd.argoproj.io/sync-options': 'Prune=false,Delete=false',
      });
    }
  });

  it('makes the accounts of your own classes, and tells the api which of them work in projects', async () => {
    const rendered = await helm().render({ values: 'production-values.yaml' });
    const account = rendered.find(({ metadata }) => metadata.name === 'quartermaster-class-bucket');
    expect(account).to.include({ kind: 'ServiceAccount', automountServiceAccountToken: false });
    expect(account?.metadata.namespace).to.equal('platform-runs');
    expect(annotationsOf(account)).to.have.key('eks.amazonaws.com/role-arn');
    const api = podsOf(rendered).find(({ from }) => from === 'Deployment quartermaster-api');
    expect(environmentOf(api!, 'PROJECT_RUNNER_ACCOUNTS')).to.equal(
      'quartermaster-class-postgres,quartermaster-class-cache',
    );
  });

  it('tells the api what bounds projects: the defaults, or what values make of them', async () => {
    const settings = async (values?: string): Promise<(string | undefined)[]> => {
      const pods = podsOf(await helm().render(values === undefined ? {} : { values }));
      const api = pods.find(({ from }) => from === 'Deployment quartermaster-api');
      const names = ['PROJECT_QUOTA', 'PROJECT_ISOLATION', 'PROJECT_INGRESS_NAMESPACES'];
      return names.map((name) => environmentOf(api!, name));
    };
    const storage = 'requests.storage';
    expect(await settings()).to.deep.equal([
      ...[`persistentvolumeclaims=50,pods=200,${storage}=2Ti`, 'enabled', ''],
    ]);
    expect(await settings('production-values.yaml')).to.deep.equal([
      `persistentvolumeclaims=50,${storage}=500Gi,services.loadbalancers=0`,
      ...['enabled', 'ingress-nginx,monitoring'],
    ]);
  });

  it('tells the operator which Secrets the pods of runs fetch the image with', async () => {
    const pods = podsOf(await helm().render({ values: 'production-values.yaml' }));
    const operator = pods.find(({ from }) => from === 'Deployment quartermaster-operator');
    expect(environmentOf(operator!, 'RUNNER_IMAGE_PULL_SECRETS')).to.equal('registry');
  });

  it('gives more variables to the api, also from Secrets', async () => {
    const pods = podsOf(await helm().render({ values: 'production-values.yaml' }));
    const api = pods.find(({ from }) => from === 'Deployment quartermaster-api');
    expect(api?.spec.containers[0]?.env).to.deep.include({
      ...{ name: 'SMTP_URL', valueFrom: { secretKeyRef: { name: 'mail', key: 'url' } } },
    });
  });

  it('shows the metrics of each replica of the operator to Prometheus', async () => {
    const rendered = await helm().render({ values: 'production-values.yaml' });
    const monitor = rendered.find(({ kind }) => kind === 'ServiceMonitor');
    const selector = monitor?.spec?.['selector'] as { matchLabels: Record<string, string> };
    const services = rendered.filter(
      ({ kind, metadata }) =>
        kind === 'Service' && includesAll(metadata.labels ?? {}, selector.matchLabels),
    );
    expect(services.map(({ metadata }) => metadata.name)).to.deep.equal([
      'quartermaster-operator-metrics',
    ]);
    expect(services[0]?.spec).to.deep.include({ clusterIP: 'None' });
    const policy = rendered.find(
      ({ kind, metadata }) =>
        kind === 'NetworkPolicy' && metadata.name === 'quartermaster-operator',
    );
    expect(JSON.stringify(policy?.spec?.['ingress'])).to.include('"port":"metrics"');
  });

  it('asks only for metrics that are documented, in alerts and on the dashboard', async () => {
    const known = listMetrics();
    const rendered = await helm().render({ values: 'production-values.yaml' });
    const rule = rendered.find(({ kind }) => kind === 'PrometheusRule');
    const dashboard = rendered.find(({ metadata }) => metadata.name === 'quartermaster-dashboard');
    for (const text of [JSON.stringify(rule), dashboard?.data?.['quartermaster.json'] ?? '']) {
      const asked = [...text.matchAll(/quartermaster_[a-z_]+/g)].map(([name]) => name);
      expect(asked).to.have.length.above(5);
      expect(known).to.include.members(asked.map((name) => name.replace(/_bucket$/, '')));
    }
  });

  it('gives the owner of the tables to the migration alone', () => {
    const holders = podsOf(objects).filter(({ spec }) =>
      JSON.stringify(spec).includes('owner-url'),
    );
    expect(holders.map(({ from }) => from)).to.deep.equal(['Job quartermaster-migration']);
  });

  it('renders no object of our own kinds: Helm could not install them with their definitions', async () => {
    for (const values of valuesFiles) {
      const own = (await helm().render({ values })).filter(({ apiVersion }) =>
        apiVersion.startsWith('quartermaster.dev/'),
      );
      expect(own, values).to.deep.equal([]);
    }
  });

  it('brings the built-in classes as they are in the checkout', () => {
    const data = find('ConfigMap', 'quartermaster-catalogue')?.data ?? {};
    expect(Object.keys(data)).to.have.members(['namespace.yaml', 'postgres.yaml']);
    for (const [name, text] of Object.entries(data)) {
      const file = path.join(checkoutDirectory, 'catalog', 'classes', name);
      expect(parse(text)).to.deep.equal(parse(readFileSync(file, 'utf8')));
    }
  });

  it('brings classes of your own', async () => {
    const rendered = await helm().render({ values: 'production-values.yaml' });
    const data = rendered.find(({ kind }) => kind === 'ConfigMap')?.data ?? {};
    expect(Object.keys(data)).to.have.members(['postgres.yaml', 'bucket.yaml']);
    expect(parse(data['bucket.yaml'] ?? '')).to.deep.include({
      kind: 'ResourceClass',
      metadata: { name: 'bucket' },
    });
  });

  it('lets runners reach the run API under the name of its Service', () => {
    const pod = podsOf(objects).find(({ from }) => from === 'Deployment quartermaster-operator');
    expect(environmentOf(pod!, 'RUN_API_URL')).to.equal(
      'https://quartermaster-run-api.quartermaster-system.svc:8443',
    );
    const service = find('Service', 'quartermaster-run-api');
    expect(pod?.labels).to.include(service?.spec?.['selector']);
  });

  it('tells runners and processes the same image, by its digest where one is set', async () => {
    const set = ['image.repository=registry.example.com/a', `image.digest=${digest}`];
    const pods = podsOf(await helm().render({ set }));
    const image = `registry.example.com/a@${digest}`;
    for (const { from, spec } of pods) expect(spec.containers[0]?.image, from).to.equal(image);
    const operator = pods.find(({ from }) => from === 'Deployment quartermaster-operator');
    expect(environmentOf(operator!, 'RUNNER_IMAGE')).to.equal(image);
  });

  const addresses: Record<string, { set: string[]; url: string }> = {
    'the Service': { set: [], url: 'http://quartermaster-api.quartermaster-system.svc' },
    'the Service on another port': {
      set: ['api.service.port=8080'],
      url: 'http://quartermaster-api.quartermaster-system.svc:8080',
    },
    'the Ingress': {
      set: ['api.ingress.enabled=true', 'api.ingress.host=a.example.com'],
      url: 'http://a.example.com',
    },
    'the Ingress with a certificate': {
      set: [
        'api.ingress.enabled=true',
        'api.ingress.host=a.example.com',
        'api.ingress.tlsSecret=t',
      ],
      url: 'https://a.example.com',
    },
    'what was set': { set: ['api.publicUrl=https://b.example.com'], url: 'https://b.example.com' },
  };

  for (const [what, { set, url }] of Object.entries(addresses)) {
    it(`takes the public address from ${what}`, async () => {
      const pods = podsOf(await helm().render({ set }));
      const api = pods.find(({ from }) => from === 'Deployment quartermaster-api');
      expect(environmentOf(api!, 'PUBLIC_URL')).to.equal(url);
    });
  }

  it('bounds every container and asks the lasting ones how they are', () => {
    for (const { from, spec } of podsOf(objects)) {
      for (const container of spec.containers) {
        expect(container.resources, from).to.have.keys('requests', 'limits');
        if (!from.startsWith('Deployment')) continue;
        expect(container).to.include.keys('startupProbe', 'livenessProbe', 'readinessProbe');
      }
    }
  });
});
