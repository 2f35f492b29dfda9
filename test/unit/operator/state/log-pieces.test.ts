import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { readRunLog, type RunLogContent } from '../../../../crds/run-log.ts';
import { appendPart, completeLog } from '../../../../operator/state/log-pieces.ts';

/** Lines that do not pack well, as the worst log would be. */
function noise(lines: number): string {
  const line = (): string => `${randomBytes(75).toString('base64')}\n`;
  return Array.from({ length: lines }, line).join('');
}

function append(content: RunLogContent, ...parts: string[]): RunLogContent {
  return parts.reduce((log, text) => {
    const sequence = Number(log.data?.['next-part'] ?? '0');
    return appendPart(log, sequence, text) ?? log;
  }, content);
}

function texts(content: RunLogContent, after?: number): string[] {
  return readRunLog(content, after).lines.map(({ text }) => text);
}

function sizeOf({ binaryData = {} }: RunLogContent): number {
  return Object.values(binaryData).reduce((sum, text) => sum + text.length * 0.75, 0);
}

describe('the log of a run', () => {
  it('is empty and incomplete where nothing was written', () => {
    expect(readRunLog(undefined)).to.deep.equal({ lines: [], isComplete: false });
  });

  it('numbers its lines from 1, whatever parts they came in', () => {
    const log = append({}, 'one\ntwo\n', '\n', 'four\n');
    expect(readRunLog(log).lines).to.deep.equal([
      { number: 1, text: 'one' },
      { number: 2, text: 'two' },
      { number: 3, text: '' },
      { number: 4, text: 'four' },
    ]);
  });

  it('takes a part once, and none that comes late', () => {
    const log = append({}, 'one\n', 'two\n');
    expect(appendPart(log, 1, 'two again\n')).to.equal(undefined);
    expect(appendPart(log, 0, 'one again\n')).to.equal(undefined);
  });

  it('says that a part is missing', () => {
    const log = appendPart(append({}, 'one\n'), 2, 'three\n')!;
    expect(texts(log)).to.deep.equal(['one', '… a part of this log was lost …', 'three']);
  });

  it('goes on after any line that a reader has seen', () => {
    const log = append({}, ...Array.from({ length: 30 }, () => noise(100)));
    const all = readRunLog(log).lines;
    for (const after of [0, 1, 299, 300, 301, 2_999, 3_000]) {
      const rest = all.filter(({ number }) => number > after);
      expect(readRunLog(log, after).lines, String(after)).to.deep.equal(rest);
    }
  });

  it('packs many small parts into few pieces', () => {
    const log = append({}, ...Array.from({ length: 500 }, (_, index) => `line ${index}\n`));
    expect(Object.keys(log.binaryData ?? {})).to.have.length(1);
    expect(texts(log)).to.have.length(500);
  });

  describe('that is too long', () => {
    const parts = Array.from({ length: 60 }, () => noise(500));
    const log = append({}, ...parts);
    const all = parts.join('').trimEnd().split('\n');

    it('stays below what a ConfigMap holds', () => {
      expect(sizeOf(log)).to.be.within(700 * 1024, 768 * 1024);
    });

    it('keeps its beginning and its end, and says in between how much is missing', () => {
      const { lines } = readRunLog(log);
      const cut = lines.findIndex(({ number }, index) => number !== index + 1);
      expect(cut).to.be.above(1_000);
      const mark = lines[cut]!;
      expect(mark.text).to.match(/^… \d+ lines are left out here …$/);
      expect(mark.text).to.include(` ${mark.number - cut} lines`);
      expect(lines.slice(0, cut).map(({ text }) => text)).to.deep.equal(all.slice(0, cut));
      expect(lines.slice(cut + 1).map(({ text }) => text)).to.deep.equal(all.slice(mark.number));
      expect(lines.at(-1)?.number).to.equal(all.length);
    });

    it('keeps the numbers of its lines while more is left out', () => {
      const seen = readRunLog(log).lines.at(-1)!;
      const longer = append(log, noise(500), noise(500));
      expect(readRunLog(longer).lines.find(({ number }) => number === seen.number)).to.deep.equal(
        seen,
      );
      expect(readRunLog(longer, seen.number).lines).to.have.length(1_000);
    });

    it('is bounded as a text too, however well it packs', () => {
      const dull = `${'x'.repeat(1_000)}\n`.repeat(200);
      const packed = append({}, ...Array.from({ length: 100 }, () => dull));
      const size = texts(packed).join('\n').length;
      expect(size).to.be.within(4 * 1024 * 1024, 9 * 1024 * 1024);
    });

    it('cuts a line that nobody would read', () => {
      const [line] = texts(append({}, `${'x'.repeat(100_000)}\n`));
      expect(line).to.have.length(20_001);
    });
  });

  describe('of a run that has ended', () => {
    it('says so, once', () => {
      const log = completeLog(append({}, 'one\n'))!;
      expect(readRunLog(log)).to.deep.include({ isComplete: true });
      expect(texts(log)).to.deep.equal(['one']);
      expect(completeLog(log, 'again')).to.equal(undefined);
    });

    it('has a last line where the runner could not say what happened', () => {
      const log = completeLog(append({}, 'one\n'), 'killed:\nby the node')!;
      expect(texts(log)).to.deep.equal(['one', 'killed:', 'by the node']);
    });

    it('takes nothing more', () => {
      expect(appendPart(completeLog(append({}, 'one\n'))!, 1, 'late\n')).to.equal(undefined);
    });

    it('is made for a last line, and for nothing less', () => {
      expect(completeLog({})).to.equal(undefined);
      expect(texts(completeLog({}, 'never began')!)).to.deep.equal(['never began']);
    });
  });
});
