import { RESOURCE_REQUESTS, RESOURCE_RUNS } from '../../../crds/resource-types.ts';
import { LABELS } from '../../../crds/constants.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import type { ResourceRun } from '../../../crds/resource-run.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { items, text } from '../api-client.ts';
import { poll } from '../poll.ts';
import type { StoryRequest, Tenancy, World } from '../world.ts';
import { waitForStatus } from './requests.ts';

const RUNS_NAMESPACE = 'quartermaster-runs';

/** Deletes the requests; their destroy Jobs are seen, and then nothing of them is left. */
export async function playTeardown(
  world: World,
  tenancy: Tenancy,
  requests: StoryRequest[],
): Promise<void> {
  const { narrator } = world;
  const names = requests.map((request) => `"${request.name}"`).join(' and ');
  const uids = await readUids(world, tenancy, requests);
  narrator.heading('Everything is torn down again');
  await narrator.step(`The developer deletes ${names}`, async () => {
    for (const request of requests) {
      await tenancy.developer.api.expect(202, 'DELETE', `/resource-requests/${request.id}`);
    }
  });
  await narrator.step('Their destroy Jobs start', () => seeDestroyJobs(world, uids));
  await narrator.step(`${names}: deleted`, async () => {
    for (const request of requests) {
      await waitForStatus(world, tenancy.developer, request, 'deleted');
    }
  });
  await narrator.step('Nothing of them is left in the cluster', () =>
    seeNothingLeft(world, tenancy.namespace, uids),
  );
}

async function readUids(
  world: World,
  tenancy: Tenancy,
  requests: StoryRequest[],
): Promise<string[]> {
  const names = new Set(requests.map((request) => request.name));
  const { namespace } = tenancy;
  const resources = await world.kube.list<ResourceRequest>(RESOURCE_REQUESTS, { namespace });
  return resources.flatMap(({ metadata }) =>
    names.has(metadata.name) && metadata.uid !== undefined ? [metadata.uid] : [],
  );
}

async function seeDestroyJobs(world: World, uids: readonly string[]): Promise<void> {
  const wanted = new Set(uids);
  await poll(
    async () => {
      const runs = await world.kube.list<ResourceRun>(RESOURCE_RUNS, { namespace: RUNS_NAMESPACE });
      for (const { spec, status } of runs) {
        const { name, uid } = spec.requestRef;
        if (spec.action !== 'Destroy' || status?.jobName === undefined) continue;
        if (wanted.delete(uid)) world.narrator.detail(`Job ${status.jobName} destroys ${name}`);
      }
      return wanted.size === 0 ? { done: undefined } : { seen: `${wanted.size} without a Job` };
    },
    { what: 'the start of the destroy Jobs', timeoutSeconds: 60, signal: world.signal },
  );
}

async function seeNothingLeft(
  world: World,
  namespace: string,
  uids: readonly string[],
): Promise<void> {
  await poll(
    async () => {
      const left = await listLeftovers(world, namespace, uids);
      return left.length === 0 ? { done: undefined } : { seen: left.join(', ') };
    },
    { what: 'the removal of the last object', timeoutSeconds: 60, signal: world.signal },
  );
}

async function listLeftovers(
  world: World,
  namespace: string,
  uids: readonly string[],
): Promise<string[]> {
  const labelSelector = `${LABELS.requestUid} in (${uids.join(',')})`;
  const { jobs, pods, secrets, leases, configMaps } = RESOURCE_TYPES;
  const lists = await Promise.all([
    ...[RESOURCE_RUNS, jobs, pods, secrets, leases, configMaps].map((type) =>
      world.kube.list(type, { namespace: RUNS_NAMESPACE, labelSelector }),
    ),
    world.kube.list(secrets, { namespace, labelSelector }),
    world.kube
      .list(RESOURCE_REQUESTS, { namespace })
      .then((resources) => resources.filter(({ metadata }) => uids.includes(metadata.uid ?? ''))),
  ]);
  return lists.flat().map((object) => `${object.kind}/${object.metadata.name}`);
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
