import type Router from '@koa/router';
import { readRevision } from '../../class/revision.ts';
import { ApprovedClasses } from '../approved-classes.ts';
import { loadRunSpec } from '../load-run-spec.ts';
import type { RunApiDeps, RunApiState } from '../run-context.ts';

/** `GET /v1/runs/{run}`: what the run is to do. */
export function addSpecRoute(router: Router<RunApiState>, deps: RunApiDeps): void {
  const { client, namespace, stores, clock } = deps;
  const classes = new ApprovedClasses((name) => readRevision(client, namespace, name));
  router.get('/v1/runs/:run', async (context) => {
    context.body = await loadRunSpec({ client, classes, stores, clock }, context.state.run);
  });
}
