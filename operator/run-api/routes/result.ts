import type Router from '@koa/router';
import { BODY_LIMITS, readJson } from '../read-body.ts';
import { recordResult } from '../record-result.ts';
import { readHolder, readLogFields } from '../run-context.ts';
import type { RunApiDeps, RunApiState } from '../run-context.ts';
import { runResultSchema } from '../run-result.ts';

/** `POST /v1/runs/{run}/result`: what the run ended with; the token is worthless afterwards. */
export function addResultRoute(router: Router<RunApiState>, deps: RunApiDeps): void {
  router.post('/v1/runs/:run/result', async (context) => {
    const holder = readHolder(context);
    const result = await readJson(context, runResultSchema, BODY_LIMITS.result);
    await recordResult(deps, context.state.run, holder, result);
    const { outcome, failure } = result;
    deps.log.info('run reported', { ...readLogFields(context), outcome, failure: failure?.type });
    context.status = 204;
  });
}
