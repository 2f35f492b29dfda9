import { describeProblem, object, text, UnexpectedAnswer, type Answer } from '../api-client.ts';
import { poll } from '../poll.ts';
import type { Person, StoryRequest, World } from '../world.ts';

/** A plan as the approver has seen it. */
export interface SeenPlan {
  /** What approving exactly this plan takes. */
  etag: string;
  digest: string;
}

/**
 * Waits for the plan of what a request asks for, and shows it as the engine prints it.
 *
 * @param unlike digest of a plan that is known not to be it any more
 * @throws with the engine's error when it cannot be planned
 */
export async function playPlan(
  world: World,
  approver: Person,
  request: StoryRequest,
  unlike?: string,
): Promise<SeenPlan> {
  const { narrator } = world;
  return narrator.step(`The approver reads the plan of "${request.name}"`, async () => {
    const { etag = '', body } = await awaitPlan(world, approver, request, unlike);
    narrator.detail(text(body, 'text').trim());
    const digest = text(body, 'digest');
    narrator.detail(`digest of this plan: ${digest}`);
    return { etag, digest };
  });
}

function awaitPlan(
  world: World,
  { api }: Person,
  { id, name }: StoryRequest,
  unlike: string | undefined,
): Promise<Answer> {
  const path = `/resource-requests/${id}/plan`;
  return poll(
    async () => {
      const answer = await api.call('GET', path);
      if (![200, 202].includes(answer.status)) throw new UnexpectedAnswer('GET', path, answer);
      const status = text(answer.body, 'status');
      if (status === 'failed') throw new Error(`"${name}" cannot be planned: ${reasonOf(answer)}`);
      const isAnother = status === 'ready' && answer.body['digest'] !== unlike;
      return isAnother ? { done: answer } : { seen: status };
    },
    { what: `the plan of "${name}"`, timeoutSeconds: 120, signal: world.signal },
  );
}

function reasonOf({ body }: Answer): string {
  const failure = object(body, 'failure');
  return `${text(failure, 'type')}: ${text(failure, 'message')}`;
}

/** Approves exactly the plan that was read: what is there by now, if it is another one, is not. */
export async function approvePlan(
  world: World,
  approver: Person,
  request: StoryRequest,
  plan: SeenPlan,
): Promise<void> {
  const path = `/resource-requests/${request.id}/approve`;
  const { body } = await approver.api.expect(200, 'POST', path, {
    body: { comment: 'go ahead' },
    headers: { 'if-match': plan.etag },
  });
  world.narrator.detail(
    `status ${text(body, 'status')}, decided by ${text(object(body, 'decided_by'), 'email')}`,
  );
}

/** Approving without saying which plan was read is refused. */
export async function playBlindApproval(
  world: World,
  approver: Person,
  request: StoryRequest,
): Promise<void> {
  await world.narrator.step('An approval that names no plan is refused with 428', async () => {
    const path = `/resource-requests/${request.id}/approve`;
    const { body } = await approver.api.expect(428, 'POST', path, { body: {} });
    world.narrator.detail(describeProblem(body));
  });
}
