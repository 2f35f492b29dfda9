import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { z } from 'zod';
import { NotFoundError } from '../../errors.ts';
import type { OpenApiDocument } from '../../openapi.ts';
import { publicRoute, type Route } from '../route.ts';

const TAG = 'System';
const directory = dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));

/** The files of Swagger UI that the page uses; nothing else is served. */
const ASSETS: Readonly<Record<string, string>> = {
  'swagger-ui.css': 'text/css',
  'swagger-ui-bundle.js': 'text/javascript',
  'favicon-32x32.png': 'image/png',
};

/** A script of its own, for the content security policy allows none in the page. */
const INITIALIZER = `window.ui = SwaggerUIBundle({
  url: '/openapi.json',
  dom_id: '#swagger-ui',
  deepLinking: true,
  persistAuthorization: false,
});
`;

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Quartermaster API</title>
    <link rel="icon" type="image/png" href="/docs/favicon-32x32.png" />
    <link rel="stylesheet" href="/docs/swagger-ui.css" />
  </head>
  <body>
    <main id="swagger-ui"></main>
    <script src="/docs/swagger-ui-bundle.js"></script>
    <script src="/docs/initializer.js"></script>
  </body>
</html>
`;

/**
 * The OpenAPI document, and a page that renders it; every file comes from here, so it works
 * without the internet.
 *
 * @param document makes the document, once
 */
export function documentationRoutes(document: () => OpenApiDocument): readonly Route[] {
  return [openApiRoute(document), docsRoute, docsAssetRoute];
}

function openApiRoute(document: () => OpenApiDocument): Route {
  let made: OpenApiDocument | undefined;
  return publicRoute({
    method: 'get',
    path: '/openapi.json',
    unversioned: true,
    summary: 'This document',
    tag: TAG,
    responses: { 200: z.looseObject({ openapi: z.string() }) },
    handle: () => {
      made ??= document();
      return Promise.resolve({ status: 200, body: made });
    },
  });
}

const docsRoute = publicRoute({
  method: 'get',
  path: '/docs',
  unversioned: true,
  summary: 'This document as a page',
  tag: TAG,
  responses: { 200: null },
  handle: () => Promise.resolve({ status: 200, type: 'html', body: PAGE }),
});

const docsAssetRoute = publicRoute({
  method: 'get',
  path: '/docs/{file}',
  unversioned: true,
  summary: 'A file of the page',
  tag: TAG,
  params: z.strictObject({ file: z.string().max(100) }),
  responses: { 200: null },
  handle: async ({ input }) => {
    const { file } = input.params;
    if (file === 'initializer.js') {
      return { status: 200, type: 'text/javascript', body: INITIALIZER };
    }
    const type = Object.hasOwn(ASSETS, file) ? ASSETS[file] : undefined;
    if (type === undefined) throw new NotFoundError();
    const body = await readFile(join(directory, file));
    return { status: 200, type, body, headers: { 'Cache-Control': 'public, max-age=3600' } };
  },
});
