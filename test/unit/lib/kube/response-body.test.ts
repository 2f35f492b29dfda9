import { expect } from 'chai';
import { ConnectionError, ResponseTooLargeError } from '../../../../lib/kube/errors.ts';
import { parseAnswer, readLines, readText } from '../../../../lib/kube/response-body.ts';
import { rejection } from '../../../support/rejection.ts';

async function* chunksOf(...chunks: (string | Buffer)[]): AsyncGenerator<Buffer> {
  await Promise.resolve();
  for (const chunk of chunks) yield Buffer.from(chunk);
}

async function collect(lines: AsyncIterable<string>): Promise<string[]> {
  const collected: string[] = [];
  for await (const line of lines) collected.push(line);
  return collected;
}

describe('readText', () => {
  it('refuses a body that is longer than allowed', async () => {
    expect(await rejection(readText(chunksOf('12345', '6'), 5, 'GET /'))).to.be.instanceOf(
      ResponseTooLargeError,
    );
  });

  it('joins characters that were cut in two', async () => {
    const [first, second] = [Buffer.from('ä').subarray(0, 1), Buffer.from('ä').subarray(1)];
    expect(await readText(chunksOf(first, second), 5, 'GET /')).to.equal('ä');
  });
});

describe('readLines', () => {
  it('refuses a line that never ends', async () => {
    const lines = collect(readLines(chunksOf('a\n', 'b'.repeat(6), 'b'.repeat(6)), 10, 'WATCH /'));
    expect(await rejection(lines)).to.be.instanceOf(ResponseTooLargeError);
  });

  const euro = Buffer.from('€');
  const cases: [what: string, chunks: (string | Buffer)[], lines: string[]][] = [
    ['several lines in a chunk', ['a\nb\n'], ['a', 'b']],
    ['a line in several chunks', ['a', 'b', 'c\nd\n'], ['abc', 'd']],
    ['a chunk that is only the end of a line', ['a', '\n', 'b\n'], ['a', 'b']],
    ['a character that was cut in two', [euro.subarray(0, 1), euro.subarray(1), '\n'], ['€']],
    ['empty lines, which it leaves out', ['\n\na\n\n'], ['a']],
    ['a last line without an end, which it leaves out', ['a\n{"type":'], ['a']],
  ];
  for (const [what, chunks, lines] of cases) {
    it(`reads ${what}`, async () => {
      expect(await collect(readLines(chunksOf(...chunks), 100, 'WATCH /'))).to.deep.equal(lines);
    });
  }
});

describe('parseAnswer', () => {
  const isAnything = (): boolean => true;

  for (const text of ['', 'null', '"text"', '{"data":{"password":"aHVudGVyMg"', '<html>']) {
    it(`refuses ${JSON.stringify(text)} without repeating it`, () => {
      const parse = (): object => parseAnswer(text, 'GET /', isAnything);
      expect(parse).to.throw(ConnectionError, 'GET /: the answer is not what an API server sends');
      expect(parse).to.throw().that.does.not.have.property('cause');
    });
  }

  it('refuses what is not expected', () => {
    expect(() => parseAnswer('{}', 'GET /', () => false)).to.throw(ConnectionError);
    expect(parseAnswer('{"a":1}', 'GET /', isAnything)).to.deep.equal({ a: 1 });
  });
});
