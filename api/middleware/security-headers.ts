import type { Middleware } from 'koa';
import helmet from 'koa-helmet';

/**
 * Security headers: nothing but our own files may be loaded, nobody may frame us. Over plain HTTP
 * browsers are not sent to HTTPS, which is not there.
 *
 * @param isEncrypted whether users reach the api over HTTPS
 */
export function securityHeaders(isEncrypted: boolean): Middleware {
  return helmet({
    contentSecurityPolicy: {
      useDefaults: false,
      directives: {
        defaultSrc: ["'self'"],
        baseUri: ["'none'"],
        formAction: ["'self'"],
        frameAncestors: ["'none'"],
        objectSrc: ["'none'"],
        imgSrc: ["'self'", 'data:'],
        scriptSrc: ["'self'"],
        // Swagger UI sets styles on its elements.
        styleSrc: ["'self'", "'unsafe-inline'"],
        ...(isEncrypted ? { upgradeInsecureRequests: [] } : {}),
      },
    },
    strictTransportSecurity: isEncrypted,
    frameguard: { action: 'deny' },
  });
}
