import Koa from 'koa';
import { KeyUsage } from './auth/key-usage.ts';
import type { Dependencies } from './deps.ts';
import { authenticate } from './middleware/authenticate.ts';
import { errorHandler } from './middleware/error-handler.ts';
import { notFound } from './middleware/not-found.ts';
import { requestId } from './middleware/request-id.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { allRoutes } from './routes/index.ts';
import { mountRoutes } from './routes/mount-routes.ts';

/**
 * The application; it does not listen.
 *
 * @param dependencies everything that it is made of
 */
export function createApp(dependencies: Dependencies): Koa {
  const { config, database, log, clock, tokens } = dependencies;
  const app = new Koa();
  const router = mountRoutes(allRoutes(dependencies), {
    database,
    authenticate: authenticate(tokens),
    keyUsage: new KeyUsage(database, clock),
  });
  app.use(requestId(log, clock));
  app.use(securityHeaders(config.PUBLIC_URL.startsWith('https:')));
  app.use(errorHandler);
  app.use(router.routes());
  app.use(notFound(router));
  // What fails below the error handler (a connection that breaks) is no more than a warning.
  app.on('error', (error: unknown) => log.warn('a connection failed', { error }));
  return app;
}
