import { readFileSync } from 'node:fs';
import path from 'node:path';
import { parseAllDocuments } from 'yaml';
import { PROJECT_ROLES } from '../../../crds/constants.ts';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import type { TestCluster } from '../kube/test-cluster.ts';
import type { OperatorWorld } from './operator-world.ts';

const manifest = path.resolve(import.meta.dirname, '../../../dev/kubernetes/manifests/access.yaml');

/**
 * Gives the account of the operator the rights that an installation gives, and no more: in the
 * namespaces of a world, and in its project by a RoleBinding there.
 *
 * @returns the path of a kubeconfig with them
 */
export async function grantOperatorRights(
  cluster: TestCluster,
  { client, namespaces }: Pick<OperatorWorld, 'client' | 'namespaces'>,
): Promise<string> {
  const { system, runs, project } = namespaces;
  const text = readFileSync(manifest, 'utf8')
    .replaceAll('namespace: quartermaster-system', `namespace: ${system}`)
    .replaceAll('namespace: quartermaster-runs', `namespace: ${runs}`);
  const objects = parseAllDocuments(text).map((document) => document.toJS() as KubeObject);
  const account = { kind: 'ServiceAccount', name: 'quartermaster-operator', namespace: system };
  const { operator: name } = PROJECT_ROLES;
  const binding = {
    ...{ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'RoleBinding' },
    metadata: { namespace: project, name },
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name },
    subjects: [account],
  } as KubeObject;
  const types = Object.values(RESOURCE_TYPES);
  for (const object of [...objects.filter(({ kind }) => /Role/.test(kind)), binding]) {
    const type = types.find(({ kind }) => kind === object.kind)!;
    await client.apply(type, object, { fieldManager: 'test', force: true });
  }
  const user = `system:serviceaccount:${system}:quartermaster-operator`;
  return cluster.controlPlane.writeKubeconfig('operator', user);
}
