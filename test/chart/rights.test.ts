import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { parseManifests } from '../../dev/kubernetes/apply-manifests.ts';
import { checkoutDirectory } from '../../dev/paths.ts';
import { canonicalJson } from '../../lib/canonical-json.ts';
import type { RenderedObject, Rule } from '../support/chart/helm.ts';
import { useHelm } from '../support/chart/helm.ts';

/** Everything that may be asked for; none of these goes round a role. */
const verbs = ['get', 'list', 'watch', 'create', 'patch', 'update', 'delete', 'bind'];
const kinds = ['ServiceAccount', 'Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding'];

interface Binding extends RenderedObject {
  roleRef: { name: string };
  subjects: { name: string; namespace: string }[];
}

function readManifests(): RenderedObject[] {
  return ['access.yaml', 'class-rbac.yaml', 'policies.yaml'].flatMap((name) => {
    const file = path.join(checkoutDirectory, 'dev', 'kubernetes', 'manifests', name);
    return parseManifests(readFileSync(file, 'utf8'));
  });
}

/** What a right consists of, without the labels of the chart. */
function essence(object: RenderedObject): object {
  const { apiVersion, kind, metadata, ...rest } = object;
  return { apiVersion, kind, name: metadata.name, namespace: metadata.namespace, ...rest };
}

describe('the rights that the chart gives', () => {
  const helm = useHelm();
  let objects: RenderedObject[];

  before('render the defaults', async () => {
    objects = await helm().render();
  });

  function rulesOf(kind: string): { role: string; rule: Rule }[] {
    return objects
      .filter((object) => object.kind === kind)
      .flatMap(({ metadata, rules = [] }) => rules.map((rule) => ({ role: metadata.name, rule })));
  }

  function boundToTheCluster(): string[] {
    const bindings = objects.filter(({ kind }) => kind === 'ClusterRoleBinding') as Binding[];
    return bindings.map(({ roleRef }) => roleRef.name);
  }

  it('has no wildcard and no verb that is not on the list', () => {
    for (const { role, rule } of [...rulesOf('Role'), ...rulesOf('ClusterRole')]) {
      expect([...rule.apiGroups, ...rule.resources].join(), role).not.to.include('*');
      expect(verbs, role).to.include.members(rule.verbs);
    }
  });

  it('lets roles be bound by their names only', () => {
    const binding = [...rulesOf('Role'), ...rulesOf('ClusterRole')].filter(({ rule }) =>
      rule.verbs.includes('bind'),
    );
    expect(binding).to.have.length.above(0);
    for (const { role, rule } of binding) {
      expect(rule.resourceNames, role).to.have.length.above(0);
      expect(rule.verbs, role).to.deep.equal(['bind']);
    }
  });

  it('gives nobody rights on Secrets, pods or their tokens across the cluster', () => {
    const roles = boundToTheCluster();
    expect(roles).to.include.members(['quartermaster-api', 'quartermaster-operator']);
    for (const { role, rule } of rulesOf('ClusterRole')) {
      if (!roles.includes(role)) continue;
      const forbidden = ['secrets', 'pods', 'pods/exec', 'serviceaccounts/token'];
      expect(rule.resources, role).not.to.include.oneOf(forbidden);
    }
  });

  it('lets nobody but the operator, in the namespace of runs, make Secrets', () => {
    const makers = rulesOf('Role').filter(
      ({ rule }) => rule.resources.includes('secrets') && rule.verbs.includes('create'),
    );
    expect(makers.map(({ role }) => role)).to.deep.equal(['quartermaster-operator']);
  });

  it('lets tenants with "view" and "edit" have requests, never runs or classes', () => {
    const tenants = rulesOf('ClusterRole').filter(({ role }) => role.includes('tenant'));
    expect(tenants.map(({ rule }) => rule.resources)).to.deep.equal([
      ['resourcerequests'],
      ['resourcerequests'],
    ]);
    const aggregated = objects.flatMap(({ metadata }) =>
      Object.keys(metadata.labels ?? {}).filter((label) => label.includes('aggregate-to')),
    );
    expect(aggregated).to.have.members([
      'rbac.authorization.k8s.io/aggregate-to-view',
      'rbac.authorization.k8s.io/aggregate-to-edit',
    ]);
  });

  it('lets the catalogue write classes and nothing else', () => {
    const rules = rulesOf('ClusterRole').filter(({ role }) => role === 'quartermaster-catalogue');
    expect(rules.map(({ rule }) => rule)).to.deep.equal([
      {
        apiGroups: ['quartermaster.dev'],
        resources: ['resourceclasses'],
        verbs: ['create', 'patch'],
      },
    ]);
  });

  it('are those that the local platform and the tests run with', () => {
    const others = ['Namespace', 'Secret', 'ConfigMap'];
    const wanted = readManifests().filter(({ kind }) => !others.includes(kind));
    const mine = objects.filter(
      ({ kind, metadata }) =>
        (kinds.includes(kind) || kind.startsWith('ValidatingAdmissionPolicy')) &&
        metadata.name !== 'quartermaster-catalogue',
    );
    const normal = (list: readonly RenderedObject[]): string[] =>
      list.map((object) => canonicalJson(essence(object))).sort();
    expect(normal(mine)).to.deep.equal(normal(wanted));
  });

  it('follow the namespaces of the release and of the runs', async () => {
    const rendered = await helm().template({
      namespace: 'platform',
      set: ['runs.namespace=platform-runs', 'catalogue.builtIn={postgres}'],
    });
    expect(rendered).not.to.include('quartermaster-system');
    expect(rendered).not.to.include('quartermaster-runs:');
    expect(rendered).to.include(
      'system:serviceaccount:platform-runs:quartermaster-class-namespace',
    );
  });

  it('are left to somebody else where values say so', async () => {
    const rendered = await helm().render({ values: 'minimal-values.yaml' });
    expect(rendered.filter(({ kind }) => kinds.includes(kind))).to.deep.equal([]);
  });

  it('carry the annotations of a cloud, on the account that is named', async () => {
    const rendered = await helm().render({ values: 'production-values.yaml' });
    const annotated = rendered.filter(
      ({ kind, metadata }) => kind === 'ServiceAccount' && metadata.annotations,
    );
    expect(annotated.map(({ metadata }) => metadata.name)).to.have.members([
      ...['quartermaster-class-bucket', 'quartermaster-class-postgres'],
    ]);
  });
});
