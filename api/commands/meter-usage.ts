import type { Database } from '../db/database.ts';
import type { Transaction } from '../db/transaction.ts';
import type { ClassPrice } from '../policies/judge-quota.ts';

/** A class and what it costs now. */
export interface PricedClass {
  name: string;
  cost: ClassPrice | undefined;
}

/**
 * Brings the records of usage up to now: for each request and hour, how long its resource was
 * there, and what that came to by the price at that time.
 *
 * A record is computed anew from the events of the request, never added to, and there is one for
 * each request and hour: metering twice, late, or after a clock was set, gives the same. Only the
 * clock of the database counts.
 *
 * @param classes as they are offered; their prices are noted where they have changed
 * @returns how many records were written; undefined where another replica is at it
 */
export async function meterUsage(
  database: Database,
  classes: readonly PricedClass[],
): Promise<number | undefined> {
  return database.withSystem('usage: meter', async (trx) => {
    await notePrices(trx, classes);
    const from = await takeTurn(trx);
    if (from === undefined) return undefined;
    await removeUnfounded(trx, from);
    const written = await writeRecords(trx, from);
    await trx('usage_meter').update({ metered_until: trx.fn.now() });
    return written;
  });
}

async function notePrices(trx: Transaction, classes: readonly PricedClass[]): Promise<void> {
  const known = await trx.raw<{ rows: { class_name: string; price: string }[] }>(
    `select distinct on (class_name) class_name, coalesce(monthly || ' ' || currency, '') as price
     from class_prices order by class_name, valid_from desc`,
  );
  const prices = new Map(known.rows.map(({ class_name, price }) => [class_name, price]));
  const changed = classes.filter(({ name, cost }) => prices.get(name) !== textOf(cost));
  if (changed.length === 0) return;
  const rows = changed.map(({ name, cost }) => ({
    class_name: name,
    valid_from: trx.fn.now(),
    monthly: cost?.monthly.toFixed(2) ?? null,
    currency: cost?.currency ?? null,
  }));
  await trx('class_prices').insert(rows).onConflict(['class_name', 'valid_from']).ignore();
}

function textOf(cost: ClassPrice | undefined): string {
  return cost === undefined ? '' : `${cost.monthly.toFixed(2)} ${cost.currency}`;
}

/**
 * Where to begin: two hours before the last time, since events can be committed late; at the first
 * event, the first time. A clock that was set back begins there.
 */
async function takeTurn(trx: Transaction): Promise<Date | undefined> {
  await trx.raw(
    `insert into usage_meter (metered_until)
     select coalesce(min(created_at), now()) from request_events where type = 'ready'
     on conflict do nothing`,
  );
  const { rows } = await trx.raw<{ rows: { begin: Date }[] }>(
    `select date_trunc('hour', least(metered_until, now()) - interval '2 hours', 'UTC') as begin
     from usage_meter for update skip locked`,
  );
  return rows[0]?.begin;
}

/** What was metered ahead of a clock that was set back later, or after the end of a request. */
async function removeUnfounded(trx: Transaction, from: Date): Promise<void> {
  await trx.raw(
    `delete from usage_records as record
     where record.hour >= :from and (record.hour >= now() or record.hour >= (
       select min(created_at) from request_events
       where request_id = record.request_id and type = 'deleted'))`,
    { from },
  );
}

/** From the first time that the resource was ready until it was gone, whatever was in between. */
async function writeRecords(trx: Transaction, from: Date): Promise<number> {
  const { rowCount } = await trx.raw<{ rowCount: number }>(
    `with running as (
       select request.id, request.organization_id, request.project_id, request.class_name,
         life.since, least(coalesce(life.until, 'infinity'), now()) as until
       from resource_requests as request cross join lateral (
         select min(created_at) filter (where type = 'ready') as since,
           min(created_at) filter (where type = 'deleted') as until
         from request_events as event
         where event.request_id = request.id and event.type in ('ready', 'deleted')
       ) as life
       where life.since is not null and coalesce(life.until, 'infinity') > :from
     ), hours as (
       select running.*, hour, ceil(extract(epoch from
         least(until, hour + interval '1 hour') - greatest(since, hour)))::integer as seconds
       from running cross join lateral generate_series(
         date_trunc('hour', greatest(since, :from), 'UTC'), until, interval '1 hour') as hour
     )
     insert into usage_records as record (organization_id, request_id, hour, project_id,
       class_name, seconds, monthly, currency, cost)
     select hours.organization_id, hours.id, hours.hour, hours.project_id, hours.class_name,
       hours.seconds, price.monthly, price.currency,
       coalesce(price.monthly * hours.seconds / ${SECONDS_OF_MONTH}, 0)
     from hours left join lateral (
       select monthly, currency from class_prices
       where class_prices.class_name = hours.class_name
       -- The price when the hour began; before the first one that was seen, that one.
       order by (valid_from <= hours.hour) desc,
         case when valid_from <= hours.hour then valid_from end desc, valid_from
       limit 1
     ) as price on true
     where hours.seconds > 0
     on conflict (organization_id, request_id, hour) do update
       set seconds = excluded.seconds, monthly = excluded.monthly,
         currency = excluded.currency, cost = excluded.cost
       where (record.seconds, record.monthly, record.currency)
         is distinct from (excluded.seconds, excluded.monthly, excluded.currency)`,
    { from },
  );
  return rowCount;
}

/** A month is 730 hours, as providers bill it. */
const SECONDS_OF_MONTH = 730 * 3600;
