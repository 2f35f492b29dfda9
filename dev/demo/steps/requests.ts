import { describeProblem, items, text, UnexpectedAnswer, type Json } from '../api-client.ts';
import { poll } from '../poll.ts';
import type { Person, StoryRequest, Tenancy, World } from '../world.ts';
import { approvePlan, playPlan } from './plans.ts';

/** The developer looks at the catalogue. */
export async function playCatalogue(world: World, tenancy: Tenancy): Promise<void> {
  world.narrator.heading('A request and its approval');
  await world.narrator.step('The developer lists the classes', async () => {
    const { body } = await tenancy.developer.api.expect(200, 'GET', '/resource-classes');
    for (const entry of items(body)) {
      world.narrator.detail(`${text(entry, 'name').padEnd(12)} ${text(entry, 'title')}`);
    }
  });
}

/** Files a request as the developer; it waits for a decision. */
export async function playRequest(
  world: World,
  tenancy: Tenancy,
  wanted: { class_name: string; name: string; parameters: Json },
): Promise<StoryRequest> {
  return world.narrator.step(
    `The developer requests "${wanted.name}" (${wanted.class_name})`,
    async () => {
      const answer = await tenancy.developer.api.expect(201, 'POST', '/resource-requests', {
        body: { project_id: tenancy.projectId, ...wanted, reason: 'the shop needs it' },
      });
      world.narrator.detail(`status ${text(answer.body, 'status')}`);
      return { id: text(answer.body, 'id'), name: wanted.name, etag: answer.etag };
    },
  );
}

/** A bad parameter is refused, and the answer names the field. */
export async function playBadParameters(world: World, tenancy: Tenancy): Promise<void> {
  await world.narrator.step('A request with bad parameters is refused with 422', async () => {
    const { body } = await tenancy.developer.api.expect(422, 'POST', '/resource-requests', {
      body: {
        project_id: tenancy.projectId,
        class_name: 'postgres',
        name: 'too-big',
        parameters: { storage_gib: -5 },
      },
    });
    mustSay(body, 'VALIDATION_FAILED');
    world.narrator.detail(describeProblem(body));
  });
}

/** Nobody approves an own request, and other organisations do not see it at all. */
export async function playDenials(
  world: World,
  tenancy: Tenancy,
  request: StoryRequest,
): Promise<void> {
  const path = `/resource-requests/${request.id}`;
  await world.narrator.step('The developer may not approve it: 403', async () => {
    const { body } = await tenancy.developer.api.expect(403, 'POST', `${path}/approve`, {
      body: {},
      headers: ifMatch(request.etag),
    });
    mustSay(body, 'SELF_APPROVAL');
    world.narrator.detail(describeProblem(body));
  });
  await world.narrator.step('A stranger of another organisation sees nothing: 404', async () => {
    const { body } = await tenancy.stranger.api.expect(404, 'GET', path);
    world.narrator.detail(describeProblem(body));
  });
}

/** The approver reads the plan and approves exactly what was read. */
export async function playApproval(
  world: World,
  approver: Person,
  request: StoryRequest,
): Promise<void> {
  const plan = await playPlan(world, approver, request);
  await world.narrator.step(`The approver approves "${request.name}"`, () =>
    approvePlan(world, approver, request, plan),
  );
}

/** Waits until the api shows the status; a failure on the way ends the wait with its reason. */
export async function waitForStatus(
  world: World,
  person: Person,
  request: StoryRequest,
  wanted: string,
): Promise<Json> {
  const path = `/resource-requests/${request.id}`;
  return poll(
    async () => {
      const answer = await person.api.call('GET', path);
      if (answer.status === 404 && wanted === 'deleted') return { done: answer.body };
      if (answer.status !== 200) throw new UnexpectedAnswer('GET', path, answer);
      const status = text(answer.body, 'status');
      if (status === wanted) return { done: answer.body };
      if (status === 'failed') {
        throw new Error(`"${request.name}" failed: ${failureOf(answer.body)}`);
      }
      return { seen: status };
    },
    { what: `"${request.name}" becoming ${wanted}`, timeoutSeconds: 180, signal: world.signal },
  );
}

function failureOf(body: Json): string {
  const failure = body['failure'] as Json | null;
  return failure ? `${String(failure['type'])}: ${String(failure['message'])}` : 'no reason given';
}

function ifMatch(etag: string | undefined): Record<string, string> {
  return etag ? { 'if-match': etag } : {};
}

function mustSay(body: Json, code: string): void {
  if (body['code'] !== code) throw new Error(`expected ${code}, got ${describeProblem(body)}`);
}
