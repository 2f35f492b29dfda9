import { expect } from 'chai';
import { LineWriter } from '../../../lib/line-writer.ts';
import { createLogger } from '../../../lib/logger.ts';
import { MASK } from '../../../lib/redaction.ts';

describe('the log', () => {
  const open = (): { writer: LineWriter; written: string[] } => {
    const written: string[] = [];
    return { writer: new LineWriter((text) => void written.push(text)), written };
  };
  const parse = (text: string | undefined): unknown => JSON.parse(text ?? '');

  it('masks secrets in messages, fields, and what is said of every line', () => {
    const { writer, written } = open();
    const log = createLogger({ level: 'info', service: 'api' }, writer);
    log.child({ token: 'abcdefgh' }).info('Bearer abcdefghijk', { url: 'smtp://me:hush@host' });
    writer.flush();
    const line = parse(written[0]);
    expect(line).to.include({ token: MASK, message: `Bearer ${MASK}` });
    expect(line).to.include({ url: `smtp://me:${MASK}@host` });
  });

  it('lets no field take the place of time, level or message', () => {
    const { writer, written } = open();
    const log = createLogger({ level: 'info', service: 'api' }, writer);
    log.info('true', { level: 'debug', message: 'false', time: 'never' });
    writer.flush();
    expect(parse(written[0])).to.include({ level: 'info', message: 'true' });
    expect(parse(written[0])).to.not.include({ time: 'never' });
  });

  it('writes one JSON object a line: time, level, message, service, then the fields', () => {
    const { writer, written } = open();
    createLogger({ level: 'info', service: 'api' }, writer).child({ a: 1 }).warn('said', { b: 2 });
    writer.flush();
    const keys = Object.keys(parse(written[0]) as object);
    expect(keys).to.deep.equal(['time', 'level', 'message', 'service', 'a', 'b']);
    expect(written[0]).to.match(/^[^\n]+\n$/);
  });

  it('leaves out what is less than the level', () => {
    const { writer, written } = open();
    createLogger({ level: 'warn', service: 'api' }, writer).info('quiet');
    writer.flush();
    expect(written).to.deep.equal([]);
  });

  it('writes the lines of one turn together, and errors at once', async () => {
    const { writer, written } = open();
    const log = createLogger({ level: 'info', service: 'api' }, writer);
    log.info('one');
    log.info('two');
    expect(written).to.have.length(0);
    await new Promise((resolve) => setImmediate(resolve));
    expect(written.map((text) => text.split('\n').length)).to.deep.equal([3]);
    log.error('three');
    expect(written).to.have.length(2);
  });
});
