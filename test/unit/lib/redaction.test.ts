import { expect } from 'chai';
import { buildMask, MASK, maskText, redact } from '../../../lib/redaction.ts';

describe('redaction', () => {
  describe('a mask for known secrets', () => {
    const secret = 'p@ss <"word"!/1';
    const goUrl = 'p%40ss+%3C%22word%22%21%2F1';
    const base64 = (text: string): string => Buffer.from(text).toString('base64');
    const mask = buildMask([secret, 'abc', 'line-one-long\nline-two-long']);
    const cases: Record<string, string> = {
      'hides the secret as it is': `before ${secret} after`,
      'hides it in JSON': JSON.stringify({ value: secret }),
      'hides it in a URL': `postgres://user@host/?x=${encodeURIComponent(secret)}`,
      'hides it in base64': Buffer.from(secret).toString('base64'),
      'hides it in a URL as Go writes it': `x=${goUrl}`,
      'hides it in JSON as Go writes it': 'p@ss \\u003c\\"word\\"!/1',
      'hides it in base64 behind a user name': base64(`app:${secret} more`),
      'hides it in base64 for URLs': Buffer.from(`a:${secret}`).toString('base64url'),
      'hides each long line of a secret of many lines': 'got line-two-long here',
    };
    for (const [title, text] of Object.entries(cases)) {
      it(title, () => {
        const masked = mask(text);
        expect(masked).to.include(MASK);
        const core = Buffer.from(secret).toString('base64').slice(4, 12);
        for (const part of ['p@ss', 'p%40ss', 'line-two', core, 'word', 'd29yZ', 'dvcm']) {
          expect(masked).not.to.include(part);
        }
      });
    }

    it('masks the longer of two secrets whole when one contains the other', () => {
      expect(buildMask(['hunter2', 'hunter2hunter3'])('x hunter2hunter3 y')).to.equal(
        `x ${MASK} y`,
      );
    });

    it('leaves ordinary text alone, and secrets too short to be any', () => {
      expect(mask('abc is the alphabet')).to.equal('abc is the alphabet');
    });
  });

  describe('text that looks like a secret', () => {
    const cases: [string, string, string][] = [
      ['a password in a URL', 'postgres://app:s3cret@db/x', `postgres://app:${MASK}@db/x`],
      ['a bearer token', 'Authorization: Bearer abcdefgh12345', `Authorization: Bearer ${MASK}`],
      ['an API key', 'sent qmk_abcdefghijklmnopqrst here', `sent ${MASK} here`],
      ['a JSON Web Token', 'got eyJhbGciOiJIUzI1.eyJzdWIiOiIxMjM.c2ln here', `got ${MASK} here`],
      [
        'a private key',
        'x -----BEGIN PRIVATE KEY-----\nMIIE\n-----END PRIVATE KEY----- y',
        `x ${MASK} y`,
      ],
    ];
    for (const [title, text, expected] of cases) {
      it(`masks ${title}`, () => {
        expect(maskText(text)).to.equal(expected);
      });
    }
  });

  describe('fields of a log line', () => {
    it('masks values under sensitive names at any depth', () => {
      const value = {
        user: { password: 'x', name: 'ann' },
        headers: [{ authorization: 'y' }],
        db_password: 'z',
      };
      expect(redact(value)).to.deep.equal({
        user: { password: MASK, name: 'ann' },
        headers: [{ authorization: MASK }],
        db_password: MASK,
      });
    });

    it('keeps of an error only its name, message, code, stack and cause', () => {
      const error = Object.assign(new Error('refused for postgres://a:b1234@h'), {
        code: 'ECONNREFUSED',
        headers: { authorization: 'Bearer abcdefgh12345' },
        body: 'secret body',
      });
      const redacted = redact(error) as Record<string, unknown>;
      expect(Object.keys(redacted).sort()).to.deep.equal(['code', 'message', 'name', 'stack']);
      expect(redacted['message']).to.equal(`refused for postgres://a:${MASK}@h`);
    });

    it('bounds depth and length', () => {
      const cycle: Record<string, unknown> = {};
      cycle['self'] = cycle;
      expect(JSON.stringify(redact(cycle))).to.include('(too deep)');
      expect((redact('x'.repeat(100_000)) as string).length).to.be.below(20_000);
    });
  });
});
