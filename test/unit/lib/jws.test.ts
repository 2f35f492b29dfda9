import { expect } from 'chai';
import { CompactSign, exportJWK, generateKeyPair, SignJWT, type JWK } from 'jose';
import { InvalidSignatureError, signJws, verifyJws, type SigningKey } from '../../../lib/jws.ts';

const TYPE = 'statement+jwt';

async function makeKey(kid: string): Promise<{ signing: SigningKey; published: JWK }> {
  const pair = await generateKeyPair('EdDSA', { extractable: true });
  return {
    signing: { ...(await exportJWK(pair.privateKey)), kid },
    published: { ...(await exportJWK(pair.publicKey)), kid, alg: 'EdDSA' },
  };
}

describe('a signed statement', () => {
  const claims = { hello: 'world' };
  let key: Awaited<ReturnType<typeof makeKey>>;
  let other: Awaited<ReturnType<typeof makeKey>>;

  before(async () => {
    key = await makeKey('one');
    other = await makeKey('one');
  });

  async function refusal(token: string): Promise<unknown> {
    return verifyJws(token, { keys: [key.published] }, TYPE).then(
      () => undefined,
      (error: unknown) => error,
    );
  }

  const forgeries: Record<string, () => Promise<string>> = {
    'signed by another key under the same kid': () => signJws(claims, other.signing, TYPE),
    'of another type': () => signJws(claims, key.signing, 'access+jwt'),
    'with an unknown kid': () => signJws(claims, { ...key.signing, kid: 'two' }, TYPE),
    'with the algorithm none': () =>
      Promise.resolve(`${part({ alg: 'none', typ: TYPE, kid: 'one' })}.${part(claims)}.`),
    'signed by HMAC with the public key as the secret': () =>
      new SignJWT(claims)
        .setProtectedHeader({ alg: 'HS256', typ: TYPE, kid: 'one' })
        .sign(new TextEncoder().encode(key.published.x)),
    'with altered claims': async () => {
      const [header, , signature] = (await signJws(claims, key.signing, TYPE)).split('.');
      return `${header}.${part({ hello: 'mars' })}.${signature}`;
    },
    'that is no JSON': async () => {
      const { importJWK } = await import('jose');
      return new CompactSign(new TextEncoder().encode('text'))
        .setProtectedHeader({ alg: 'EdDSA', kid: 'one', typ: TYPE })
        .sign(await importJWK(key.signing, 'EdDSA'));
    },
    'that is no token at all': () => Promise.resolve('hello'),
    'that is empty': () => Promise.resolve(''),
  };
  for (const [title, forge] of Object.entries(forgeries)) {
    it(`is refused when it is one ${title}`, async () => {
      expect(await refusal(await forge())).to.be.instanceOf(InvalidSignatureError);
    });
  }

  it('is believed when the named key signed it', async () => {
    const token = await signJws(claims, key.signing, TYPE);
    expect(await verifyJws(token, { keys: [key.published] }, TYPE)).to.deep.equal(claims);
  });
});

function part(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}
