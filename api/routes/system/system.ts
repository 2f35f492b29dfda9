import { z } from 'zod';
import type { Dependencies } from '../../deps.ts';
import { publicKeys } from '../../auth/key-set.ts';
import { VERSION } from '../../version.ts';
import { publicRoute, type Route } from '../route.ts';

const TAG = 'System';

const healthSchema = z.object({ status: z.literal('ok') }).meta({ id: 'Health' });
const checkSchema = z.object({
  status: z.enum(['ok', 'unavailable', 'disabled']),
  detail: z.string().optional(),
});
const readySchema = z
  .object({
    status: z.enum(['ready', 'unavailable']),
    checks: z.record(z.string(), checkSchema),
  })
  .meta({ id: 'Readiness' });
const rootSchema = z
  .object({ name: z.string(), version: z.string(), links: z.record(z.string(), z.string()) })
  .meta({ id: 'Root' });

/** What the api says of itself. */
export function systemRoutes(deps: Dependencies): readonly Route[] {
  return [showRoot, health('/health'), health('/api/v1/health'), ready(deps), jwks(deps)];
}

const showRoot = publicRoute({
  method: 'get',
  path: '/',
  unversioned: true,
  summary: 'Name, version and where to go on',
  tag: TAG,
  responses: { 200: rootSchema },
  handle: () => {
    const links = {
      documentation: '/docs',
      openapi: '/openapi.json',
      health: '/health',
      ready: '/ready',
      jwks: '/.well-known/jwks.json',
      api: '/api/v1',
    };
    return Promise.resolve({
      status: 200,
      body: { name: 'quartermaster', version: VERSION, links },
    });
  },
});

function health(path: string): Route {
  return publicRoute({
    method: 'get',
    path,
    unversioned: true,
    summary: 'Whether the process is alive',
    tag: TAG,
    responses: { 200: healthSchema },
    handle: () => Promise.resolve({ status: 200, body: { status: 'ok' } }),
  });
}

function ready(deps: Dependencies): Route {
  return publicRoute({
    method: 'get',
    path: '/ready',
    unversioned: true,
    summary: 'Whether the api can do its work: database, schema, Kubernetes',
    tag: TAG,
    responses: { 200: readySchema, 503: readySchema },
    handle: async () => {
      const report = await deps.readiness.check();
      return { status: report.status === 'ready' ? 200 : 503, body: report };
    },
  });
}

function jwks(deps: Dependencies): Route {
  return publicRoute({
    method: 'get',
    path: '/.well-known/jwks.json',
    unversioned: true,
    summary: 'The public keys of access tokens (RFC 7517)',
    tag: TAG,
    responses: { 200: z.object({ keys: z.array(z.looseObject({ kid: z.string() })) }) },
    handle: () =>
      Promise.resolve({
        status: 200,
        body: publicKeys(deps.keys.access),
        // Shorter than new keys are published before they sign.
        headers: { 'Cache-Control': 'public, max-age=120' },
      }),
  });
}
