import {
  OpenAPIRegistry,
  OpenApiGeneratorV31,
  type RouteConfig,
} from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { takesIdempotencyKey } from './routes/idempotency.ts';
import type { Route } from './routes/route.ts';
import { fullPath } from './routes/mount-routes.ts';

/** The document that {@link buildOpenApi} makes. */
export type OpenApiDocument = ReturnType<OpenApiGeneratorV31['generateDocument']>;

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string().meta({ description: 'Stable; what a program should branch on.' }),
    errors: z.array(z.object({ pointer: z.string(), message: z.string() })).optional(),
    quota: z
      .object({
        limit: z.string(),
        scope: z.enum(['organization', 'project']),
        quota: z.number(),
        used: z.number(),
        asked: z.number(),
        currency: z.string().optional(),
      })
      .optional()
      .meta({ description: 'With QUOTA_EXCEEDED: the limit, what is used, what was asked for.' }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' });

/**
 * The OpenAPI 3.1 document of the routes, from the schemas that they check by.
 *
 * @param routes every route
 * @param about where the api is reached, and its version
 */
export function buildOpenApi(
  routes: readonly Route[],
  about: { url: string; version: string },
): OpenApiDocument {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    bearerFormat: 'JWT',
  });
  registry.registerComponent('securitySchemes', 'api_key', {
    type: 'apiKey',
    in: 'header',
    name: 'X-API-Key',
  });
  for (const route of routes) registry.registerPath(describe(route));
  return new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Quartermaster',
      version: about.version,
      description: 'Self-service infrastructure on Kubernetes.',
    },
    servers: [{ url: about.url }],
  });
}

function describe(route: Route): RouteConfig {
  const { params, query, body } = route.shape;
  return {
    method: route.method,
    path: fullPath(route),
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    tags: [route.tag],
    security: route.access === 'public' ? [] : [{ bearer: [] }, { api_key: [] }],
    request: {
      ...(params ? { params } : {}),
      ...(query ? { query } : {}),
      ...(takesIdempotencyKey(route) ? { headers: idempotencyHeader } : {}),
      ...(body
        ? { body: { required: true, content: { 'application/json': { schema: body } } } }
        : {}),
    },
    responses: { ...describeResponses(route), default: problemResponse },
  };
}

const idempotencyHeader = z.object({
  'Idempotency-Key': z.string().optional().meta({
    description: 'A quoted string of yours; a repetition within a day gets the first answer.',
    example: '"8e03978e-40d5-43e8-bc93-6894a57f9324"',
  }),
});

const problemResponse = {
  description: 'A problem',
  content: { 'application/problem+json': { schema: problemSchema } },
};

function describeResponses(route: Route): RouteConfig['responses'] {
  return Object.fromEntries(
    Object.entries(route.responses).map(([status, schema]) => [
      status,
      schema
        ? { description: 'Success', content: describeContent(route, schema) }
        : { description: 'Success, without a body' },
    ]),
  );
}

function describeContent(
  { types = ['application/json'] }: Route,
  schema: z.ZodType,
): Record<string, { schema: z.ZodType }> {
  return Object.fromEntries(types.map((type) => [type, { schema }]));
}
