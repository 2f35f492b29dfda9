import { expect } from 'chai';
import {
  beginSpan,
  currentTrace,
  formatTraceparent,
  parseTraceparent,
  runInTrace,
} from '../../../lib/trace-context.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const SPAN = '00f067aa0ba902b7';

describe('the context of a trace', () => {
  const refused: [string, string | undefined][] = [
    ['nothing', undefined],
    ['another form', 'trace'],
    ['capital letters', `00-${TRACE.toUpperCase()}-${SPAN}-01`],
    ['a version that is forbidden', `ff-${TRACE}-${SPAN}-01`],
    ['more than this version has', `00-${TRACE}-${SPAN}-01-more`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-${SPAN}-01`],
    ['a span of zeros', `00-${TRACE}-${'0'.repeat(16)}-01`],
  ];
  for (const [what, header] of refused) {
    it(`is not read from ${what}`, () => {
      expect(parseTraceparent(header)).to.equal(undefined);
    });
  }

  it('is read and written as it came, also from a later version', () => {
    const header = `00-${TRACE}-${SPAN}-01`;
    expect(formatTraceparent(parseTraceparent(header)!)).to.equal(header);
    expect(parseTraceparent(`cc-${TRACE}-${SPAN}-01-more`)).to.include({ traceId: TRACE });
  });

  it('goes on with a span of its own, or begins a trace that nobody records', () => {
    const child = beginSpan({ traceId: TRACE, spanId: SPAN, flags: '01' });
    expect(child).to.include({ traceId: TRACE, flags: '01' });
    expect(child.spanId).not.to.equal(SPAN);
    expect(parseTraceparent(formatTraceparent(beginSpan(undefined)))).to.include({ flags: '00' });
  });

  it('is known to all that work awaits, and to nothing else', async () => {
    const trace = beginSpan(undefined);
    const seen = await runInTrace(trace, async () => {
      await Promise.resolve();
      return currentTrace();
    });
    expect(seen).to.equal(trace);
    expect(currentTrace()).to.equal(undefined);
  });
});
