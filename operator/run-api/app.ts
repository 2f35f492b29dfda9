import Router from '@koa/router';
import Koa from 'koa';
import { authenticate } from './authenticate.ts';
import { handleErrors } from './handle-errors.ts';
import { addLogRoute } from './routes/log.ts';
import { addPlanRoutes } from './routes/plan.ts';
import { addResultRoute } from './routes/result.ts';
import { addSpecRoute, createSpecLoader } from './routes/spec.ts';
import { addStartRoute } from './routes/start.ts';
import { addStateRoutes } from './routes/state.ts';
import type { RunApiDeps, RunApiState } from './run-context.ts';

/** The run API as an application; it listens nowhere by itself and keeps nothing in memory. */
export function createRunApi(deps: RunApiDeps): Koa {
  const app = new Koa();
  const router = new Router<RunApiState>({ methods: ['GET', 'POST', 'DELETE', 'LOCK', 'UNLOCK'] });
  router.use('/v1/runs/:run', authenticate(deps));
  const loadSpec = createSpecLoader(deps);
  addSpecRoute(router, loadSpec);
  addStartRoute(router, deps, loadSpec);
  addStateRoutes(router, deps);
  addPlanRoutes(router, deps);
  addLogRoute(router, deps);
  addResultRoute(router, deps);
  app.use(handleErrors(deps.log));
  app.use(router.routes());
  return app;
}
