import type { Knex } from 'knex';

/** An open transaction of one of the two doors; every query takes one. */
export type Transaction = Knex.Transaction;
