import { RESOURCE_REQUESTS, RESOURCE_RUNS } from '../../../crds/resource-types.ts';
import { LABELS } from '../../../crds/constants.ts';
import type { ResourceRun } from '../../../crds/resource-run.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { items, text } from '../api-client.ts';
import { poll } from '../poll.ts';
import type { StoryRequest, Tenancy, World } from '../world.ts';
import { waitForStatus } from './requests.ts';

const RUNS_NAMESPACE = 'quartermaster-runs';

/** Deletes the requests; their destroy runs are seen, and then nothing of them is left. */
export async function playTeardown(
  world: World,
  tenancy: Tenancy,
  requests: StoryRequest[],
): Promise<void> {
  const { narrator } = world;
  narrator.heading('Everything is torn down again');
  await narrator.step(
    `The developer deletes ${requests.map((request) => `"${request.name}"`).join(' and ')}`,
    async () => {
      for (const request of requests) {
        await tenancy.developer.api.expect(202, 'DELETE', `/resource-requests/${request.id}`);
      }
    },
  );
  await narrator.step('Their destroy runs start', () => seeDestroyRuns(world, tenancy, requests));
  await narrator.step('Both are gone', async () => {
    for (const request of requests) {
      await waitForStatus(world, tenancy.developer, request, 'deleted');
    }
  });
  await narrator.step('Nothing of them is left in the cluster', () =>
    seeNothingLeft(world, tenancy),
  );
}

async function seeDestroyRuns(
  world: World,
  tenancy: Tenancy,
  requests: StoryRequest[],
): Promise<void> {
  const wanted = new Set(requests.map((request) => request.name));
  await poll(
    async () => {
      const runs = await world.kube.list<ResourceRun>(RESOURCE_RUNS, { namespace: RUNS_NAMESPACE });
      for (const { metadata, spec } of runs) {
        const ours = spec.requestRef.namespace === tenancy.namespace && spec.action === 'Destroy';
        if (ours && wanted.delete(spec.requestRef.name)) {
          world.narrator.detail(`run ${metadata.name}`);
        }
      }
      return wanted.size === 0
        ? { done: undefined }
        : { seen: `no run yet for ${[...wanted].join(', ')}` };
    },
    { what: 'the start of the destroy runs', timeoutSeconds: 60, signal: world.signal },
  );
}

async function seeNothingLeft(world: World, tenancy: Tenancy): Promise<void> {
  await poll(
    async () => {
      const left = await listLeftovers(world, tenancy.namespace);
      return left.length === 0 ? { done: undefined } : { seen: left.join(', ') };
    },
    { what: 'the removal of the last object', timeoutSeconds: 60, signal: world.signal },
  );
}

async function listLeftovers(world: World, namespace: string): Promise<string[]> {
  const labelSelector = `${LABELS.requestNamespace}=${namespace}`;
  const [requests, ...others] = await Promise.all([
    world.kube.list(RESOURCE_REQUESTS, { namespace }),
    ...[RESOURCE_RUNS, RESOURCE_TYPES.jobs, RESOURCE_TYPES.secrets, RESOURCE_TYPES.leases].map(
      (type) => world.kube.list(type, { namespace: RUNS_NAMESPACE, labelSelector }),
    ),
    world.kube.list(RESOURCE_TYPES.secrets, { namespace, labelSelector }),
  ]);
  return [...requests, ...others.flat()].map((object) => `${object.kind}/${object.metadata.name}`);
}

/** The administrator reads what happened. */
export async function playAudit(world: World, tenancy: Tenancy): Promise<void> {
  world.narrator.heading('The record');
  await world.narrator.step('The administrator reads the audit log', async () => {
    const { body } = await tenancy.admin.api.expect(200, 'GET', '/audit-logs?limit=100');
    const entries = items(body);
    if (entries.length === 0) throw new Error('the audit log is empty');
    for (const entry of entries.toReversed()) {
      world.narrator.detail(
        `${text(entry, 'created_at')}  ${text(entry, 'action').padEnd(28)} ${text(entry, 'outcome')}`,
      );
    }
  });
}
