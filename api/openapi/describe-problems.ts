import { STATUS_CODES } from 'node:http';
import type { ResponseConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import type { Route } from '../routes/route.ts';
import { PROBLEMS, type ProblemCode } from './problem-codes.ts';
import { problemsOf } from './problems-of.ts';

const quotaSchema = z.object({
  limit: z.string(),
  scope: z.enum(['organization', 'project']),
  quota: z.number(),
  used: z.number(),
  asked: z.number(),
  currency: z.string().optional(),
});

const problemSchema = z
  .object({
    type: z.string(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    instance: z.string(),
    code: z.string().meta({ description: 'Stable; what a program should branch on.' }),
    errors: z.array(z.object({ pointer: z.string(), message: z.string() })).optional(),
    quota: quotaSchema.optional().meta({
      description: 'With QUOTA_EXCEEDED: the limit, what is used, what was asked for.',
    }),
  })
  .meta({ id: 'Problem', description: 'RFC 9457' });

/** The answers of a route that are no success: by status, an example for each code. */
export function describeProblems(route: Route): Record<string, ResponseConfig> {
  return Object.fromEntries(
    [...problemsOf(route)].map(([status, codes]) => [
      status,
      {
        description: `${STATUS_CODES[status] ?? 'Problem'}: ${codes.join(', ')}`,
        content: {
          'application/problem+json': { schema: problemSchema, examples: examplesOf(codes) },
        },
      },
    ]),
  );
}

function examplesOf(codes: readonly ProblemCode[]): Record<string, { value: object }> {
  return Object.fromEntries(codes.map((code) => [code, { value: exampleProblem(code) }]));
}

function exampleProblem(code: ProblemCode): object {
  const { status, detail } = PROBLEMS[code];
  return {
    type: `urn:quartermaster:problem:${code.toLowerCase().replaceAll('_', '-')}`,
    title: STATUS_CODES[status],
    status,
    detail,
    instance: '/api/v1/resource-requests',
    code,
    ...(code === 'VALIDATION_FAILED'
      ? { errors: [{ pointer: '/name', message: 'Too long' }] }
      : {}),
  };
}
