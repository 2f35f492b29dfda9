import Koa from 'koa';
import { KeyUsage } from './auth/key-usage.ts';
import { ForeignTokens } from './auth/issuers/foreign-tokens.ts';
import type { Dependencies } from './deps.ts';
import { authenticate } from './middleware/authenticate.ts';
import { crossOrigin } from './middleware/cross-origin.ts';
import { errorHandler } from './middleware/error-handler.ts';
import { notFound } from './middleware/not-found.ts';
import { createRateLimits } from './middleware/rate-limit.ts';
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
  // Addresses that proxies in front wrote down are believed, and no others.
  const app = new Koa({ proxy: config.PROXY_HOPS > 0, maxIpsCount: config.PROXY_HOPS });
  const limits = createRateLimits(config);
  const router = mountRoutes(allRoutes(dependencies), {
    database,
    authenticate: authenticate(tokens, new ForeignTokens(dependencies)),
    keyUsage: new KeyUsage(database, clock),
    limits,
  });
  app.use(requestId(dependencies));
  app.use(crossOrigin(config.CORS_ORIGINS));
  app.use(securityHeaders(config.PUBLIC_URL.startsWith('https:')));
  app.use(errorHandler);
  app.use(limits.address);
  app.use(router.routes());
  app.use(notFound(router));
  // What fails below the error handler (a connection that breaks) is no more than a warning.
  app.on('error', (error: unknown) => log.warn('a connection failed', { error }));
  return app;
}
