import {
  OpenAPIRegistry,
  OpenApiGeneratorV31,
  type ResponseConfig,
  type RouteConfig,
} from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { addExamples } from './openapi/add-examples.ts';
import { describeProblems } from './openapi/describe-problems.ts';
import { takesIdempotencyKey } from './routes/idempotency.ts';
import type { Route } from './routes/route.ts';
import { fullPath } from './routes/mount-routes.ts';

/** The document that {@link buildOpenApi} makes. */
export type OpenApiDocument = ReturnType<OpenApiGeneratorV31['generateDocument']>;

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
  const document = new OpenApiGeneratorV31(registry.definitions).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Quartermaster',
      version: about.version,
      description: 'Self-service infrastructure on Kubernetes.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' },
    },
    servers: [{ url: about.url }],
  });
  return addExamples(document);
}

function describe(route: Route): RouteConfig {
  const { params, query, body } = route.shape;
  const headers = headersOf(route);
  return {
    method: route.method,
    path: fullPath(route),
    operationId: operationId(route),
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    tags: [route.tag],
    security: route.access === 'public' ? [] : [{ bearer: [] }, { api_key: [] }],
    request: {
      ...(params ? { params } : {}),
      ...(query ? { query } : {}),
      ...(headers.length > 0 ? { headers } : {}),
      ...(body
        ? { body: { required: true, content: { 'application/json': { schema: body } } } }
        : {}),
    },
    responses: mergeResponses(describeResponses(route), describeProblems(route)),
  };
}

/** `GET /orgs/{id}/members` is `getOrgsByIdMembers`: it stays while method and path do. */
function operationId({ method, path }: Route): string {
  const words = path
    .replaceAll(/\{(\w+)\}/g, 'by/$1')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '')
    .map((word) => `${word.charAt(0).toUpperCase()}${word.slice(1)}`);
  return `${method}${words.length > 0 ? words.join('') : 'Root'}`;
}

const idempotencyHeader = z.object({
  'Idempotency-Key': z.string().optional().meta({
    description: 'A quoted string of yours; a repetition within a day gets the first answer.',
    example: '"8e03978e-40d5-43e8-bc93-6894a57f9324"',
  }),
});

const organizationHeader = z.object({
  'org-id': z.uuid().optional().meta({
    description: 'The organisation of the call, where it is another than that of the token.',
  }),
});

const ifMatch = z.string().meta({
  description: 'The ETag of what you saw; another version is refused with 412.',
  example: '"q83v8bXkT0mZ1c2d3e4f5g"',
});
const ifMatchHeader = {
  optional: z.object({ 'If-Match': ifMatch.optional() }),
  required: z.object({ 'If-Match': ifMatch }),
};

function headersOf(route: Route): z.ZodObject[] {
  const namesNone = route.access === 'public' || route.access === 'session';
  return [
    ...(namesNone || route.organizationParameter !== undefined ? [] : [organizationHeader]),
    ...(route.ifMatch ? [ifMatchHeader[route.ifMatch]] : []),
    ...(takesIdempotencyKey(route) ? [idempotencyHeader] : []),
  ];
}

type Responses = Record<string, ResponseConfig>;

/** Where a status means both, an answer is one or the other by its media type. */
function mergeResponses(successes: Responses, problems: Responses): Responses {
  const merged: Responses = { ...problems };
  for (const [status, success] of Object.entries(successes)) {
    const problem = problems[status];
    merged[status] = problem
      ? { ...success, content: { ...problem.content, ...success.content } }
      : success;
  }
  return merged;
}

function describeResponses(route: Route): Responses {
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
