import type Router from '@koa/router';
import { loadRunSpec } from '../load-run-spec.ts';
import type { RunApiDeps, RunApiState } from '../run-context.ts';

/** `GET /v1/runs/{run}`: what the run is to do. */
export function addSpecRoute(router: Router<RunApiState>, deps: RunApiDeps): void {
  router.get('/v1/runs/:run', async (context) => {
    context.body = await loadRunSpec(deps, context.state.run);
  });
}
