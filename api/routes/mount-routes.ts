import { Router, type RouterContext } from '@koa/router';
import type { Middleware } from 'koa';
import type { RateLimits } from '../middleware/rate-limit.ts';
import { readBody } from '../middleware/read-body.ts';
import type { Reply, Route } from './route.ts';
import { runRoute, type RunDependencies } from './run-route.ts';

/** What mounting needs. */
export interface MountDependencies extends RunDependencies {
  /** Refuses calls without a believable access token or a key, and keeps what they say. */
  authenticate: Middleware;
  limits: RateLimits;
}

/** The full path of a route, with its parameters in braces. */
export function fullPath(route: Pick<Route, 'path' | 'unversioned'>): string {
  return route.unversioned ? route.path : `/api/v1${route.path}`;
}

/**
 * A router of all routes. Refusals come in this order: 401, 400 and 422, 403 and 404, then what
 * the handler finds.
 */
export function mountRoutes(routes: readonly Route[], dependencies: MountDependencies): Router {
  const router = new Router();
  for (const route of routes) {
    const path = fullPath(route).replace(/\{(\w+)\}/g, ':$1');
    const guards = guardsOf(route, dependencies);
    const answer = async (ctx: RouterContext): Promise<void> => {
      send(ctx, await runRoute(route, ctx, dependencies));
    };
    router.register(path, [route.method], [...guards, readBody, answer]);
  }
  return router;
}

function guardsOf(route: Route, { authenticate, limits }: MountDependencies): Middleware[] {
  const before = route.isSignIn ? [limits.signIn] : [];
  return route.access === 'public' ? before : [...before, authenticate, limits.principal];
}

function send(ctx: RouterContext, reply: Reply): void {
  ctx.status = reply.status;
  if (reply.type !== undefined) ctx.type = reply.type;
  if (reply.headers) ctx.set(reply.headers);
  if (reply.body !== undefined) ctx.body = reply.body;
}
