import { gzipSync } from 'node:zlib';
import { expect } from 'chai';
import { CanarySearch } from '../../support/faults/canary-search.ts';

const SECRET = 'k7&Qz"w<9!Lm+4/pX~t*2 R';
const LINE = 'MIIEvQIBADANBgkqhkiG9w0BAQ';
const KEY = `-----BEGIN X-----\n${LINE}\n-----END X-----`;

function search(look: (search: CanarySearch) => void): string[] {
  const canaries = [
    { name: 'secret', value: SECRET },
    { name: 'key', value: KEY },
  ];
  const found = new CanarySearch(canaries);
  look(found);
  return [...new Set(found.findings.map(({ canary }) => canary))];
}

const base64 = (text: string): string => Buffer.from(text).toString('base64');

describe('the search for planted secrets', () => {
  const texts: [string, string][] = [
    ['as it is', `wrong password: ${SECRET}.`],
    ['in JSON', JSON.stringify({ message: `no: ${SECRET}` })],
    ['in JSON as Go writes it', 'k7\\u0026Qz\\"w\\u003c9!Lm+4/pX~t*2 R'],
    ['in a URL', `q=${encodeURIComponent(SECRET)}`],
    ['in a URL as Go writes it', 'q=k7%26Qz%22w%3C9%21Lm%2B4%2FpX~t%2A2+R'],
    ['in base64', base64(SECRET)],
    ['in base64, one character further', base64(`:${SECRET}`)],
    ['in base64, two characters further', base64(`a:${SECRET} and more`)],
    ['in base64 for URLs', Buffer.from(`u:${SECRET}`).toString('base64url')],
  ];
  for (const [title, text] of texts) {
    it(`finds one ${title}`, () => {
      expect(search((found) => found.text('a log', text))).to.deep.equal(['secret']);
    });
  }

  const bytes = gzipSync(`\n${SECRET}\n`).toString('base64');
  const objects: [string, object][] = [
    ['a ConfigMap in gzip', { binaryData: { 'log-0': bytes } }],
    ['a Secret in base64', { data: { state: base64(`{"password":"${SECRET}"}`) } }],
    ['a name', { metadata: { annotations: { [SECRET]: 'yes' } } }],
    ['a text deep within', { status: { conditions: [{ message: `no ${SECRET}` }] } }],
  ];
  for (const [title, object] of objects) {
    it(`finds one in ${title}`, () => {
      expect(search((found) => found.object('an object', object))).to.deep.equal(['secret']);
    });
  }

  it('finds one line of a value of several', () => {
    expect(search((found) => found.text('a log', `x ${LINE}`))).to.deep.equal(['key']);
  });

  it('takes the frame of a key for no key', () => {
    const other = '-----BEGIN X-----\nanother\n-----END X-----';
    expect(search((found) => found.text('a log', other))).to.deep.equal([]);
  });

  it('says where, and never what', () => {
    const found = new CanarySearch([{ name: 'secret', value: SECRET }]);
    found.object('Job a', { spec: { env: [{ value: SECRET }] } });
    expect(found.findings[1]).to.deep.equal({ canary: 'secret', place: 'Job a.spec.env.0.value' });
    expect(JSON.stringify(found.findings)).not.to.include(SECRET);
  });

  it('finds nothing where nothing is', () => {
    const text = 'a quiet log, with k7&Qz and more';
    expect(search((found) => found.object('a log', { text, data: base64(text) }))).to.deep.equal(
      [],
    );
  });
});
