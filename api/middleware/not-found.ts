import type { Router } from '@koa/router';
import type { Middleware } from 'koa';
import { MethodNotAllowedError, NotFoundError } from '../errors.ts';

/** The last middleware: 405 where the path exists with other methods, else 404. */
export function notFound(router: Router): Middleware {
  return (ctx) => {
    const layers = router.match(ctx.path, ctx.method).path;
    const methods = [...new Set(layers.flatMap((layer) => layer.methods))];
    throw methods.length > 0 ? new MethodNotAllowedError(methods) : new NotFoundError();
  };
}
