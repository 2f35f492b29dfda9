import { takesIdempotencyKey } from '../routes/idempotency.ts';
import type { Route } from '../routes/route.ts';
import { PROBLEMS, type ProblemCode } from './problem-codes.ts';

const UNAUTHENTICATED: readonly ProblemCode[] = [
  'MISSING_CREDENTIALS',
  'INVALID_CREDENTIALS',
  'INVALID_API_KEY',
  'INVALID_TOKEN',
  'TOKEN_EXPIRED',
  'TOKEN_REVOKED',
  // A token of a trusted issuer, of somebody who is here for the first time.
  'EMAIL_REQUIRED',
  'ACCOUNT_NOT_PROVEN',
];

/**
 * The problems that a route may answer with, by status: those of every route of its kind, and its
 * own (`problems`).
 */
export function problemsOf(route: Route): ReadonlyMap<number, readonly ProblemCode[]> {
  const codes = [
    ...ofInput(route),
    ...ofCaller(route),
    ...ofChange(route),
    ...(route.problems ?? []),
    ...(route.unversioned ? [] : (['RATE_LIMITED'] as const)),
    ...(['INTERNAL', 'UNAVAILABLE'] as const),
  ];
  const byStatus = new Map<number, ProblemCode[]>();
  for (const code of new Set(codes)) {
    const { status } = PROBLEMS[code];
    byStatus.set(status, [...(byStatus.get(status) ?? []), code]);
  }
  return new Map([...byStatus].sort(([a], [b]) => a - b));
}

function ofInput({ shape, method }: Route): ProblemCode[] {
  return [
    ...(shape.params ? (['NOT_FOUND'] as const) : []),
    ...(shape.query || shape.body ? (['VALIDATION_FAILED'] as const) : []),
    // A body is read, and judged, also where none is asked for.
    ...(method === 'get'
      ? []
      : (['MALFORMED_BODY', 'BODY_TOO_LARGE', 'UNSUPPORTED_MEDIA_TYPE'] as const)),
  ];
}

function ofCaller(route: Route): readonly ProblemCode[] {
  if (route.access === 'public') return [];
  if (route.access === 'session') return UNAUTHENTICATED;
  const isInPath = route.organizationParameter !== undefined;
  const ofOrganization: ProblemCode[] = isInPath
    ? ['NOT_FOUND']
    : ['ORGANIZATION_REQUIRED', 'NOT_A_MEMBER'];
  return [...UNAUTHENTICATED, ...ofOrganization, 'FORBIDDEN'];
}

function ofChange(route: Route): ProblemCode[] {
  if (route.access === 'public' || route.method === 'get') return [];
  const { ifMatch } = route;
  return [
    'CONFLICT',
    ...(ifMatch ? (['STALE'] as const) : []),
    ...(ifMatch === 'required' ? (['PRECONDITION_REQUIRED'] as const) : []),
    ...(takesIdempotencyKey(route)
      ? (['IDEMPOTENCY_KEY_INVALID', 'IDEMPOTENCY_KEY_IN_USE', 'IDEMPOTENCY_KEY_REUSED'] as const)
      : []),
  ];
}
