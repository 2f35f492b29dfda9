import { items, object, text, type Json } from '../api-client.ts';
import { kubectl } from '../kubectl.ts';
import { poll } from '../poll.ts';
import type { StoryRequest, Tenancy, World } from '../world.ts';
import { approvePlan, playPlan } from './plans.ts';
import { waitForStatus } from './requests.ts';

/** What the developer wants instead, and what somebody sets behind everybody's back. */
const PODS = { wanted: 30, foreign: '500' };

/**
 * A change of a namespace is planned and read; before it is approved, somebody edits the quota with
 * kubectl. The approval applies nothing and says why; the plan of the world as it is now is applied
 * when that is approved.
 */
export async function playMovedWorld(
  world: World,
  tenancy: Tenancy,
  request: StoryRequest,
): Promise<void> {
  const { narrator } = world;
  const { approver, developer } = tenancy;
  narrator.heading('The world moves between plan and approval');
  await narrator.step(`The developer asks for ${PODS.wanted} pods`, () =>
    developer.api.expect(200, 'PATCH', `/resource-requests/${request.id}`, {
      body: { parameters: { pods: PODS.wanted } },
    }),
  );
  const outdated = await playPlan(world, approver, request);
  const namespace = await readNamespace(tenancy, request);
  await narrator.step('Somebody edits the quota with kubectl meanwhile', async () => {
    const patch = JSON.stringify({ spec: { hard: { pods: PODS.foreign } } });
    const target = ['patch', 'resourcequota', 'quota', '--namespace', namespace];
    narrator.detail(await kubectl(world.stage, [...target, '--type', 'merge', '--patch', patch]));
  });
  await narrator.step('The approval of the plan applies nothing, and says why', async () => {
    await approvePlan(world, approver, request, outdated);
    narrator.detail(await readRefusal(world, tenancy, request));
    await expectPods(world, namespace, PODS.foreign);
  });
  const plan = await playPlan(world, approver, request, outdated.digest);
  await narrator.step('The new plan is approved and applied', async () => {
    await approvePlan(world, approver, request, plan);
    await waitForStatus(world, developer, request, 'ready');
    await expectPods(world, namespace, String(PODS.wanted));
  });
}

async function readNamespace({ developer }: Tenancy, request: StoryRequest): Promise<string> {
  const path = `/resource-requests/${request.id}`;
  const { body } = await developer.api.expect(200, 'GET', path);
  return text(object(body, 'outputs'), 'namespace');
}

/** Waits until the same change is before the approvers again. @returns what had differed */
function readRefusal(world: World, tenancy: Tenancy, request: StoryRequest): Promise<string> {
  const path = `/resource-requests/${request.id}/events?limit=100`;
  return poll(
    async () => {
      const { body } = await tenancy.developer.api.expect(200, 'GET', path);
      const event = items(body).find((candidate: Json) => candidate['type'] === 'plan_outdated');
      return event ? { done: text(event, 'message') } : { seen: 'no refusal' };
    },
    { what: 'the refusal of the plan', timeoutSeconds: 60, signal: world.signal },
  );
}

async function expectPods(world: World, namespace: string, pods: string): Promise<void> {
  const quota = ['get', 'resourcequota', 'quota', '--namespace', namespace];
  const found = await kubectl(world.stage, [...quota, '--output', 'jsonpath={.spec.hard.pods}']);
  if (found !== pods) throw new Error(`the quota allows ${found} pods, not ${pods}`);
  world.narrator.detail(`the quota of ${namespace} allows ${found} pods`);
}
