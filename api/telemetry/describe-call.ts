import type { Context } from 'koa';
import type { FinishedSpan } from '../../lib/span-sink.ts';

/**
 * What a trace says of a call: the route that served it, never the query or a body.
 *
 * @param ctx of a call that is over
 */
export function describeCall(
  ctx: Context,
): Pick<FinishedSpan, 'name' | 'kind' | 'attributes' | 'isError'> {
  const route: unknown = ctx['_matchedRoute'];
  const status = ctx.res.statusCode;
  const attributes = {
    'http.request.method': ctx.method,
    'url.path': ctx.path,
    'http.response.status_code': status,
  };
  const kind = 'server';
  const isError = status >= 500;
  if (typeof route !== 'string') return { name: ctx.method, kind, attributes, isError };
  const name = `${ctx.method} ${route}`;
  return { name, kind, attributes: { ...attributes, 'http.route': route }, isError };
}
