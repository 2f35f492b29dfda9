import type { QueryBuilder, Model } from 'objection';
import { z } from 'zod';
import { ValidationFailedError } from '../errors.ts';

/** Query parameters of every list; spread into the route's `z.strictObject`. */
export const pageParameters = {
  limit: z.coerce.number().int().min(1).max(100).default(50),
  cursor: z.string().max(200).optional(),
};

/** Where a page starts and how long it is. */
export interface PageRequest {
  limit: number;
  cursor?: string | undefined;
}

/** One page of a list. */
export interface Page<T> {
  items: T[];
  /** Cursor of the next page; null on the last. */
  next: string | null;
}

/** Schema of a page, for the OpenAPI document. */
export function pageOf(item: z.ZodType): z.ZodObject {
  return z.object({ items: z.array(item), next: z.string().nullable() });
}

/**
 * Reads one page, newest first. Ids are UUIDs of version 7, so they sort by time.
 *
 * @param query what is listed; its order is set here
 * @param page from the caller
 * @param column of the id, unique within the list
 * @throws {ValidationFailedError} for a cursor that we did not make
 */
export async function readPage<M extends Model>(
  query: QueryBuilder<M, M[]>,
  page: PageRequest,
  column = 'id',
): Promise<Page<M>> {
  return cutPage(await selectPage(query, page, column), page, column);
}

/** The rows of a page and one more, in its order. */
function selectPage<M extends Model>(
  query: QueryBuilder<M, M[]>,
  page: PageRequest,
  column = 'id',
): QueryBuilder<M, M[]> {
  if (page.cursor !== undefined) query.where(column, '<', decodeCursor(page.cursor));
  return query.orderBy(column, 'desc').limit(page.limit + 1);
}

/** The page that rows in its order make, one more than it has room for. */
export function cutPage<R extends object>(
  rows: readonly R[],
  page: PageRequest,
  column = 'id',
): Page<R> {
  const items = rows.slice(0, page.limit);
  const last = items.at(-1);
  const next = rows.length > page.limit && last ? encodeCursor(last, column) : null;
  return { items, next };
}

function encodeCursor(row: object, column: string): string {
  const id = (row as Record<string, string>)[column.split('.').at(-1) ?? column] ?? '';
  return Buffer.from(id).toString('base64url');
}

/** The id that a cursor stands for. @throws {ValidationFailedError} for one that is not ours */
export function decodeCursor(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString('utf8');
  if (z.uuid().safeParse(id).success) return id;
  throw new ValidationFailedError([{ pointer: '/cursor', message: 'This is no cursor of ours.' }]);
}
