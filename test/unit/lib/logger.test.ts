import { expect } from 'chai';
import { createLogger, type Logger, type LoggerOptions } from '../../../lib/logger.ts';
import { MASK } from '../../../lib/redaction.ts';

describe('the log', () => {
  let written: string[];

  beforeEach(() => (written = []));

  function open(level: LoggerOptions['level'] = 'info'): Logger {
    return createLogger(
      { level, service: 'api' },
      { write: (text: string) => void written.push(text) },
    );
  }

  function readLine(): unknown {
    return JSON.parse(written[0] ?? '');
  }

  it('masks secrets in messages, fields, and what is said of every line', () => {
    const log = open().child({ token: 'abcdefgh' });
    log.info('Bearer abcdefghijk', { url: 'smtp://me:hush@host' });
    expect(readLine()).to.include({ token: MASK, message: `Bearer ${MASK}` });
    expect(readLine()).to.include({ url: `smtp://me:${MASK}@host` });
  });

  it('lets no field take the place of time, level or message', () => {
    open()
      .child({ level: 'error' })
      .info('true', { level: 'debug', message: 'false', time: 'never' });
    expect(readLine()).to.include({ level: 'info', message: 'true' });
    expect(readLine()).to.not.include({ time: 'never' });
    expect(written[0]?.match(/"level"|"message"|"time"/g)).to.have.length(3);
  });

  it('takes a message as it is, whatever signs are in it', () => {
    open().info('100 %s "done"\n%d', { error: { name: 'Error' } });
    expect(readLine()).to.include({ message: '100 %s "done"\n%d' });
  });

  it('writes one JSON object a line, at once: time, level, message, service and the fields', () => {
    open().child({ a: 1 }).warn('said', { b: 2 });
    const keys = Object.keys(readLine() as object);
    expect(keys).to.have.members(['time', 'level', 'message', 'service', 'a', 'b']);
    expect(written[0]).to.match(/^[^\n]+\n$/);
  });

  it('leaves out what is less than the level', () => {
    open('warn').info('quiet');
    expect(written).to.deep.equal([]);
  });
});
