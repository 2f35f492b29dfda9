import pg from 'pg';
import { required, type Row } from './statement.ts';

/** Where a value comes from in SQL, and how it is read from the text that PostgreSQL writes. */
export interface Column<T> {
  readonly sql: string;
  readonly read: (value: string | null) => T;
}

/** One column for each member of a row. */
export type Columns<T> = { readonly [K in keyof T]-?: Column<T[K]> };

/** Rows of one kind: what to select, and how to read what comes. */
export interface RowShape<T> {
  /** The columns, as they stand after `select`. */
  readonly select: string;
  readonly read: (row: Row) => T;
}

/** Rows with these columns. */
export function rowShape<T extends object>(columns: Columns<T>): RowShape<T> {
  const names = Object.keys(columns);
  const parts = Object.values<Column<unknown>>(columns);
  const readers = parts.map(({ read }) => read);
  return {
    select: parts.map(({ sql }) => sql).join(', '),
    read: (row) => {
      const shown: Record<string, unknown> = {};
      for (let index = 0; index < names.length; index += 1) {
        shown[names[index] ?? ''] = readers[index]?.(row[index] ?? null);
      }
      // It has each member of T, read as T says.
      return shown as T;
    },
  };
}

/** A text, or whatever is shown as PostgreSQL writes it. */
export function text<T extends string = string>(sql: string): Column<T> {
  return { sql, read: (value) => required(value) as T };
}

/** A whole number. */
export function integer(sql: string): Column<number> {
  return { sql, read: (value) => Number(required(value)) };
}

/** Yes or no. */
export function flag(sql: string): Column<boolean> {
  return { sql, read: (value) => required(value) === 't' };
}

/** A point in time. */
export function time(sql: string): Column<Date> {
  return { sql, read: (value) => toDate(required(value)) };
}

/** JSON; what it holds is for who wrote it to know. */
export function json<T>(sql: string): Column<T> {
  return { sql, read: (value) => parseJson(required(value)) as T };
}

/** Most columns are empty, and need no parser. */
function parseJson(value: string): unknown {
  if (value === '{}') return {};
  return value === '[]' ? [] : JSON.parse(value);
}

/** The same, or null. */
export function nullable<T>({ sql, read }: Column<T>): Column<T | null> {
  return { sql, read: (value) => (value === null ? null : read(value)) };
}

/** As the driver reads it everywhere else. */
const parseTime = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ, 'text') as (
  value: string,
) => Date;

/** `2026-11-21 14:19:01.646195+00`: with another separator the engine itself reads it, faster. */
const UTC_TIME = /^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)?\+00$/;

function toDate(value: string): Date {
  if (!UTC_TIME.test(value)) return parseTime(value);
  return new Date(`${value.slice(0, 10)}T${value.slice(11, -3)}Z`);
}
