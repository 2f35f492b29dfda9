import type Router from '@koa/router';
import { RunApiError } from '../errors.ts';
import { BODY_LIMITS, readJson } from '../read-body.ts';
import { readHolder, readRequestUid } from '../run-context.ts';
import type { RunApiDeps, RunApiState, RunContext } from '../run-context.ts';
import { keepPlan } from '../keep-plan.ts';
import { planUploadSchema } from '../plan-upload.ts';
import { readSavedPlanFile } from '../saved-plans.ts';

const PLAN = '/v1/runs/:run/plan';

/** `POST /v1/runs/{run}/plan` keeps the plan of a Plan run, `GET` gives the one that is to be applied. */
export function addPlanRoutes(router: Router<RunApiState>, deps: RunApiDeps): void {
  router.post(PLAN, async (context) => {
    await assertHeld(context, deps);
    const { run } = context.state;
    if (run.spec.action !== 'Plan') {
      throw new RunApiError(403, 'NOT_A_PLAN_RUN', 'only a Plan run hands over a plan');
    }
    const upload = await readJson(context, planUploadSchema, BODY_LIMITS.plan);
    context.body = { planDigest: await keepPlan(deps, run, upload) };
  });

  router.get(PLAN, async (context) => {
    await assertHeld(context, deps);
    const file = await readSavedPlanFile(deps, context.state.run);
    if (file === undefined) throw new RunApiError(404, 'NO_PLAN', 'the run is bound to no plan');
    context.body = { file: file.toString('base64') };
  });
}

/** The state cannot move between the look at its version and the apply: the caller holds it. */
async function assertHeld(context: RunContext, deps: RunApiDeps): Promise<void> {
  if (await deps.stores.lock.isHeldBy(readRequestUid(context), readHolder(context))) return;
  throw new RunApiError(409, 'STATE_LOCK_LOST', 'this process does not hold the state');
}
