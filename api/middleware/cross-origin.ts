import cors from '@koa/cors';
import type { Middleware } from 'koa';

/** What a page may read of an answer beside its body. */
const EXPOSED = [
  'ETag',
  'Location',
  'X-Request-Id',
  'RateLimit',
  'RateLimit-Policy',
  'Retry-After',
  'Idempotency-Replayed',
];

/**
 * Lets pages of these origins call the api from a browser (CORS). Without credentials: nobody is
 * signed in by a cookie, so a page has nothing to borrow.
 *
 * @param origins such as `https://portal.example.com`; `*` stands for all; none: no page may
 */
export function crossOrigin(origins: readonly string[]): Middleware {
  if (origins.length === 0) return (_ctx, next) => next() as Promise<void>;
  const isOpen = origins.includes('*');
  return cors({
    origin: (ctx) => {
      const origin = ctx.get('Origin');
      if (isOpen) return '*';
      return origins.includes(origin) ? origin : '';
    },
    allowMethods: ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'],
    exposeHeaders: EXPOSED,
    maxAge: 600,
  });
}
