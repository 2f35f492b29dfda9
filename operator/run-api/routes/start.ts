import type Router from '@koa/router';
import { z } from 'zod';
import type { ResourceRun } from '../../../crds/resource-run.ts';
import type { RunSpec } from '../../terraform/run-contract.ts';
import { readStanding } from '../authenticate.ts';
import { RunApiError } from '../errors.ts';
import { BODY_LIMITS, readJson } from '../read-body.ts';
import { readHolder, readLogFields, readRequestUid } from '../run-context.ts';
import type { RunApiDeps, RunApiState } from '../run-context.ts';
import { readSavedPlanFile } from '../saved-plans.ts';
import type { LoadSpec } from './spec.ts';

const bodySchema = z.strictObject({ instance: z.string() });

/**
 * `POST /v1/runs/{run}/start`: claims the run for one process, and with it the state. A Job may start
 * its pod twice; the second one is refused here. The lock is held over plan and apply, so nothing
 * changes between them. The answer is what the run is to do, with the file of the plan that it applies.
 */
export function addStartRoute(
  router: Router<RunApiState>,
  deps: RunApiDeps,
  loadSpec: LoadSpec,
): void {
  router.post('/v1/runs/:run/start', async (context) => {
    const holder = readHolder(context);
    const { instance } = await readJson(context, bodySchema, BODY_LIMITS.message);
    if (instance !== holder.instance) {
      throw new RunApiError(400, 'INVALID_BODY', 'instance differs from the user name');
    }
    const { run } = context.state;
    const [claimed, spec] = await Promise.allSettled([
      deps.stores.lock.acquire(readRequestUid(context), holder, readStanding(deps, run)),
      loadSpec(run),
    ]);
    if (claimed.status === 'rejected') throw claimed.reason;
    deps.log.info('run started', { ...readLogFields(context), instance });
    if (spec.status === 'rejected') throw spec.reason;
    context.body = await withPlanFile(deps, run, spec.value);
  });
}

/** Read when the state is held, not beside it. */
async function withPlanFile(deps: RunApiDeps, run: ResourceRun, spec: RunSpec): Promise<RunSpec> {
  const { savedPlan } = spec;
  if (savedPlan === undefined) return spec;
  const file = (await readSavedPlanFile(deps, run))?.toString('base64');
  return { ...spec, savedPlan: { ...savedPlan, file } };
}
