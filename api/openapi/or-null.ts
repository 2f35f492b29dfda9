import { z } from 'zod';

/**
 * A schema with a name of its own, or null. `nullable()` would give the null to the named schema, or
 * ask for both at once; so is it one of the two.
 */
export function orNull<Schema extends z.ZodType>(
  schema: Schema,
): z.ZodUnion<readonly [Schema, z.ZodNull]> {
  return z.union([schema, z.null()]);
}
