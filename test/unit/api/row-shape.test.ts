import { expect } from 'chai';
import pg from 'pg';
import { integer, json, nullable, rowShape, text, time } from '../../../api/db/row-shape.ts';

describe('the shape of rows', () => {
  const shape = rowShape<{ id: string; count: number | null; at: Date; data: unknown }>({
    id: text('things.id'),
    count: nullable(integer('things.count')),
    at: time('things.at'),
    data: json('things.data'),
  });

  it('does not take null where there is always a value', () => {
    expect(() => shape.read([null, '1', '2026-01-02 03:04:05+00', '{}'])).to.throw(TypeError);
  });

  it('selects its columns in order, and reads them by it', () => {
    expect(shape.select).to.equal('things.id, things.count, things.at, things.data');
    expect(shape.read(['a', null, '2026-01-02 03:04:05+00', '{"b": [1]}'])).to.deep.equal({
      ...{ id: 'a', count: null, data: { b: [1] } },
      at: new Date('2026-01-02T03:04:05.000Z'),
    });
  });

  it('reads times as the driver does', () => {
    const driver = pg.types.getTypeParser(pg.types.builtins.TIMESTAMPTZ, 'text') as (
      value: string,
    ) => Date;
    for (const value of [
      ...['2026-11-21 14:19:01+00', '2026-11-21 14:19:01.6+00', '2026-11-21 14:19:01.057+00'],
      ...['2026-11-21 14:19:01.646195+00', '2026-11-21 14:19:01.999999+00'],
      ...['2026-11-21 14:19:01.5+05:30', '2026-11-21 14:19:01-08', '0099-01-01 00:00:00+00'],
    ]) {
      const { at } = shape.read(['a', null, value, '{}']);
      expect(at.toISOString(), value).to.equal(driver(value).toISOString());
    }
  });

  it('reads empty JSON anew each time', () => {
    const read = (): unknown => shape.read(['a', null, '2026-01-02 03:04:05+00', '[]']).data;
    expect(read()).to.deep.equal([]);
    expect(read()).to.not.equal(read());
  });
});
