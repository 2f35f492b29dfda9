import { z } from 'zod';
import { NotFoundError } from '../../errors.ts';
import { publicRoute, type Reply, type Route } from '../route.ts';
import { INVITATION_PAGE, PASSWORD_RESET_PAGE } from './page-html.ts';
import { PAGE_SCRIPT, PAGE_STYLE } from './page-script.ts';

const TAG = 'Sign-in';

/** Stricter than elsewhere: these pages hold a secret and take passwords. */
const PAGE_HEADERS = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'Referrer-Policy': 'no-referrer',
  'Cache-Control': 'no-store',
};

const FILES: Readonly<Record<string, { type: string; body: string }>> = {
  'page.js': { type: 'text/javascript', body: PAGE_SCRIPT },
  'page.css': { type: 'text/css', body: PAGE_STYLE },
};

/** The pages that links in mails lead to, and what they are made of. */
export const pageRoutes: readonly Route[] = [
  pageRoute('/password-reset', 'Where the link of a password reset leads', PASSWORD_RESET_PAGE),
  pageRoute('/invitation', 'Where the link of an invitation leads', INVITATION_PAGE),
  publicRoute({
    method: 'get',
    path: '/pages/{file}',
    unversioned: true,
    summary: 'A file of the pages that mails lead to',
    tag: TAG,
    params: z.strictObject({ file: z.string().max(100) }),
    responses: { 200: null },
    handle: ({ input }) => Promise.resolve(replyWithFile(input.params.file)),
  }),
];

function pageRoute(path: string, summary: string, body: string): Route {
  return publicRoute({
    ...{ method: 'get', path, unversioned: true, summary, tag: TAG },
    description: 'The token stands behind `#`, so it reaches no server but by the call it is for.',
    responses: { 200: null },
    handle: () => Promise.resolve({ status: 200, type: 'html', body, headers: PAGE_HEADERS }),
  });
}

function replyWithFile(name: string): Reply {
  const file = Object.hasOwn(FILES, name) ? FILES[name] : undefined;
  if (!file) throw new NotFoundError();
  return { status: 200, ...file, headers: { 'Cache-Control': 'public, max-age=300' } };
}
