import type Router from '@koa/router';
import type { ResourceRun } from '../../../crds/resource-run.ts';
import type { RunSpec } from '../../terraform/run-contract.ts';
import { readRevision } from '../../class/revision.ts';
import { ApprovedClasses } from '../approved-classes.ts';
import { loadRunSpec } from '../load-run-spec.ts';
import type { RunApiDeps, RunApiState } from '../run-context.ts';

/** Says what a run is to do. @throws as {@link loadRunSpec} */
export type LoadSpec = (run: ResourceRun) => Promise<RunSpec>;

/** What {@link addSpecRoute} and the start of a run answer with. */
export function createSpecLoader({ client, namespace, stores, clock }: RunApiDeps): LoadSpec {
  const classes = new ApprovedClasses((name) => readRevision(client, namespace, name));
  return (run) => loadRunSpec({ client, classes, stores, clock }, run);
}

/** `GET /v1/runs/{run}`: what the run is to do. */
export function addSpecRoute(router: Router<RunApiState>, loadSpec: LoadSpec): void {
  router.get('/v1/runs/:run', async (context) => {
    context.body = await loadSpec(context.state.run);
  });
}
