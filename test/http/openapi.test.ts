import { createConfig, lintFromString } from '@redocly/openapi-core';
import { expect } from 'chai';
import { z } from 'zod';
import { buildOpenApi } from '../../api/openapi.ts';
import { PROBLEMS } from '../../api/openapi/problem-codes.ts';
import { problemsOf } from '../../api/openapi/problems-of.ts';
import { allRoutes } from '../../api/routes/index.ts';
import { fullPath } from '../../api/routes/mount-routes.ts';
import type { Route } from '../../api/routes/route.ts';
import { Contract } from '../support/api/contract.ts';
import { startTestApi, type TestApi } from '../support/api/test-api.ts';

interface Body {
  content?: Record<string, { example?: unknown; examples?: Record<string, { value: unknown }> }>;
}

interface Operation {
  operationId: string;
  requestBody?: Body;
  responses: Record<string, Body>;
}

interface Typed {
  type?: string | string[];
  properties?: Record<string, unknown>;
}

describe('the OpenAPI document', () => {
  let api: TestApi;
  let routes: readonly Route[];
  let document: ReturnType<typeof buildOpenApi>;
  before(async () => {
    api = await startTestApi();
    routes = allRoutes(api.deps);
    document = buildOpenApi(routes, { url: 'https://quartermaster.dev', version: '1.0.0' });
  });
  after(() => api.close());

  const operationOf = (route: Route): Operation => {
    const path = document.paths?.[fullPath(route)] as Record<string, Operation>;
    return path[route.method]!;
  };

  const jsonAnswers = (): { route: Route; status: number; type: string; examples: unknown[] }[] =>
    routes.flatMap((route) =>
      Object.entries(operationOf(route).responses).flatMap(([status, { content = {} }]) =>
        Object.entries(content)
          .filter(([type]) => type.endsWith('json'))
          .map(([type, { example, examples = {} }]) => ({
            ...{ route, type, status: Number(status) },
            examples: [
              ...(example === undefined ? [] : [example]),
              ...Object.values(examples).map(({ value }) => value),
            ],
          })),
      ),
    );

  it('has nothing that the linter finds fault with', async () => {
    // Probes refuse nobody, and a sign-in at an issuer answers with a redirection.
    const rules = { 'operation-4xx-response': 'off', 'operation-2xx-response': 'off' } as const;
    const config = await createConfig({ extends: ['recommended'], rules });
    const source = JSON.stringify(document);
    const problems = await lintFromString({ source, absoluteRef: 'openapi.json', config });
    const told = problems.map(({ ruleId, message, location }) => ({
      ...{ ruleId, message, place: location[0]?.pointer },
    }));
    expect(told).to.deep.equal([]);
  });

  it('shows for every body an example that the route takes', () => {
    for (const route of routes) {
      const { body } = route.shape;
      if (!body) continue;
      const example = operationOf(route).requestBody?.content?.['application/json']?.example;
      const parsed = body.safeParse(example);
      const faults = parsed.success ? [] : z.prettifyError(parsed.error);
      expect(
        faults,
        `${route.method} ${fullPath(route)}: ${JSON.stringify(example)}`,
      ).to.have.length(0);
    }
  });

  it('shows for every answer, and for every code of a problem, an example of its schema', () => {
    const contract = new Contract(document);
    for (const { route, status, type, examples } of jsonAnswers()) {
      const method = route.method.toUpperCase();
      expect(examples, `${method} ${route.path} ${status}`).not.to.have.length(0);
      for (const body of examples) {
        contract.check({ method, path: fullPath(route), status, type, body });
      }
    }
  });

  it('names every code that exists, each at its status', () => {
    const named = new Set<string>();
    for (const route of routes) {
      for (const [status, codes] of problemsOf(route)) {
        for (const code of codes) {
          expect(PROBLEMS[code].status).to.equal(status);
          named.add(code);
        }
      }
    }
    // Of no route: what is no object at all, and a method that a path does not have.
    const elsewhere = ['BAD_REQUEST', 'METHOD_NOT_ALLOWED'];
    expect([...named, ...elsewhere]).to.have.members(Object.keys(PROBLEMS));
  });

  it('says of a field alone that it may be null, never of the named schema that it holds', () => {
    const schemas = Object.entries(document.components?.schemas ?? {});
    const nullable = schemas.filter(([, schema]) =>
      [(schema as Typed).type].flat().includes('null'),
    );
    expect(nullable.map(([name]) => name)).to.deep.equal([]);
    const me = document.components?.schemas?.['Me'] as Typed;
    expect(me.properties?.['organization']).to.deep.equal({
      anyOf: [{ $ref: '#/components/schemas/Organization' }, { type: 'null' }],
    });
    // Of two that have to hold at once, null is never both.
    expect(JSON.stringify(document)).not.to.match(/"allOf":\[\{"\$ref":[^\]]*"null"/);
  });

  it('gives every operation an id of its own', () => {
    const ids = routes.map((route) => operationOf(route).operationId);
    expect(new Set(ids).size).to.equal(ids.length);
    expect(ids).to.include('getOrgsByIdMembers');
  });
});

describe('the check of answers against the document', () => {
  const schema = z.object({ id: z.string() });
  const route = {
    ...{ method: 'get', path: '/things', summary: 'Things', tag: 'Things', access: 'public' },
    ...{ shape: {}, responses: { 200: schema }, run: () => Promise.reject(new TypeError('none')) },
  } satisfies Route;
  const contract = new Contract(buildOpenApi([route], { url: 'https://e.com', version: '1' }));
  const answer = { method: 'GET', path: '/api/v1/things', status: 200, type: 'application/json' };

  it('takes what is documented', () => {
    contract.check({ ...answer, body: { id: 'a' } });
  });

  for (const [fault, wrong] of [
    ['a status that is not documented', { status: 418, body: { id: 'a' } }],
    ['a media type that is not documented', { type: 'text/plain', body: 'a' }],
    ['a field that is missing', { body: {} }],
    ['a field of another type', { body: { id: 1 } }],
    ['a field that is not documented', { body: { id: 'a', password: 'b' } }],
    [
      'a code that is not documented',
      { status: 503, type: 'application/problem+json', body: { code: 'OTHER' } },
    ],
  ] as const) {
    it(`finds ${fault}`, () => {
      expect(() => {
        contract.check({ ...answer, ...wrong });
      }).to.throw();
    });
  }
});
