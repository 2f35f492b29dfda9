import type { ResourceRun } from '../../crds/resource-run.ts';
import type { Secret } from '../../lib/kube/objects.ts';
import type { RunAccess } from '../terraform/run-contract.ts';
import { runLabels, runOwner } from './build-job.ts';

/** The file that the runner reads. */
const ACCESS_FILE = 'run.json';

/** The Secret of a run, with the one file that its pod gets. */
export function buildAccessSecret(run: ResourceRun, access: RunAccess): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      name: run.metadata.name,
      namespace: run.metadata.namespace,
      labels: runLabels(run),
      ownerReferences: [runOwner(run)],
    },
    type: 'Opaque',
    immutable: true,
    data: { [ACCESS_FILE]: Buffer.from(JSON.stringify(access)).toString('base64') },
  };
}
