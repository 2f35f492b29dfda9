import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { RunLog } from '../../../../operator/runner/run-log.ts';

describe('The log of a run', () => {
  let parts: string[];
  let written: string;
  const write = (text: string): void => void (written += text);

  beforeEach(() => {
    parts = [];
    written = '';
  });

  it('shows no secret, neither in its parts nor in what it writes', async () => {
    const log = new RunLog((_, text) => Promise.resolve(void parts.push(text)), write);
    log.addSecrets(['correct horse']);
    log.add('the password is "correct horse"');
    log.add(`as base64: ${Buffer.from('correct horse').toString('base64')}`);
    log.add('Authorization: Bearer abcdefghijklmnop');
    const rest = await log.end();
    for (const text of [rest?.text ?? '', written]) {
      expect(text).to.contain('the password is "(sensitive value)"');
      expect(text).not.to.match(/horse|Y29ycmVjd|abcdefgh/);
    }
  });

  it('goes on when a part cannot be sent', async () => {
    const log = new RunLog((sequence) => Promise.reject(new Error(`no ${sequence}`)), write);
    for (let line = 0; line < 30; line += 1) log.add('x'.repeat(9_999));
    await log.end();
    expect(written).to.contain('part 0 of the log could not be sent');
  });

  it('sends its parts one after another, numbered from 0', async () => {
    const log = new RunLog(async (sequence, text) => {
      await sleep(sequence === 0 ? 20 : 0);
      parts.push(`${sequence}:${text.length}`);
    }, write);
    for (let line = 0; line < 50; line += 1) log.add('x'.repeat(9_999));
    const rest = await log.end();
    expect(parts).to.deep.equal(['0:200000', '1:200000']);
    expect(`${rest?.sequence}:${rest?.text.length}`).to.equal('2:100000');
  });

  it('leaves nothing for the report when all of it was sent', async () => {
    const log = new RunLog(() => Promise.resolve(), write);
    expect(await log.end()).to.equal(undefined);
  });

  it('cuts a line that is endless', () => {
    const log = new RunLog(() => Promise.resolve(), write);
    log.add('x'.repeat(1_000_000));
    expect(written.length).to.be.lessThan(30_000);
  });
});
