import type { Middleware, ParameterizedContext } from 'koa';
import helmet from 'koa-helmet';

/**
 * Security headers: nothing but our own files may be loaded, nobody may frame us. Over plain HTTP
 * browsers are not sent to HTTPS, which is not there.
 *
 * @param isEncrypted whether users reach the api over HTTPS
 */
export function securityHeaders(isEncrypted: boolean): Middleware {
  const fixed = recordHeaders(policies(isEncrypted));
  return async (ctx, next) => {
    for (const [name, value] of await fixed) ctx.res.setHeader(name, value);
    await next();
  };
}

/** What helmet would set on every answer: always the same, so it is asked once. */
async function recordHeaders(middleware: Middleware): Promise<ReadonlyMap<string, string>> {
  const headers = new Map<string, string>();
  const response = {
    setHeader: (name: string, value: string) => headers.set(name, value),
    removeHeader: (name: string) => headers.delete(name),
  };
  const context = { req: {}, res: response } as unknown as ParameterizedContext;
  await middleware(context, () => Promise.resolve());
  return headers;
}

function policies(isEncrypted: boolean): Middleware {
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
