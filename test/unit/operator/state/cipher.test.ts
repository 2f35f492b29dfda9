import { randomBytes } from 'node:crypto';
import { expect } from 'chai';
import { buildKeyRing, Cipher, KEY_BYTES } from '../../../../operator/state/cipher.ts';
import { SealBrokenError } from '../../../../operator/state/errors.ts';

describe('A seal', () => {
  const [old, current] = [randomBytes(KEY_BYTES), randomBytes(KEY_BYTES)];
  const cipher = new Cipher(buildKeyRing('a', { a: old }));
  const plain = Buffer.from('correct horse battery staple');

  const harms: [string, (sealed: Buffer) => Buffer][] = [
    ['one bit of it was changed', (sealed) => flip(sealed, sealed.length - 1)],
    ['one bit of its tag was changed', (sealed) => flip(sealed, 20)],
    ['its end was cut', (sealed) => sealed.subarray(0, -1)],
    ['nearly all of it was cut', (sealed) => sealed.subarray(0, 8)],
    ['it is empty', () => Buffer.alloc(0)],
    ['it is something else', () => Buffer.from('{"version":4,"serial":1,"lineage":"abc"}')],
  ];
  for (const [title, harm] of harms) {
    it(`is broken when ${title}`, () => {
      const sealed = harm(cipher.seal(plain, 'here'));
      expect(() => cipher.open(sealed, 'here')).to.throw(SealBrokenError);
    });
  }

  it('is broken elsewhere', () => {
    const sealed = cipher.seal(plain, 'here');
    expect(() => cipher.open(sealed, 'there')).to.throw(SealBrokenError);
  });

  it('is broken without its key', () => {
    const other = new Cipher(buildKeyRing('b', { b: current }));
    expect(() => other.open(cipher.seal(plain, 'here'), 'here')).to.throw(SealBrokenError);
  });

  it('opens to what was sealed, and never looks the same twice', () => {
    const [one, two] = [cipher.seal(plain, 'here'), cipher.seal(plain, 'here')];
    expect(one.equals(two)).to.equal(false);
    expect(cipher.open(one, 'here').equals(plain)).to.equal(true);
    expect(one.toString('latin1')).not.to.contain('horse');
  });

  it('opens with an old key after the keys were changed', () => {
    const rotated = new Cipher(buildKeyRing('b', { a: old, b: current }));
    const sealed = cipher.sealJson({ a: 1 }, 'here');
    expect(rotated.openJson(sealed, 'here')).to.deep.equal({ a: 1 });
    const again = rotated.sealJson({ a: 1 }, 'here');
    expect(() => cipher.openJson(again, 'here')).to.throw(SealBrokenError);
  });
});

function flip(sealed: Buffer, position: number): Buffer {
  const copy = Buffer.from(sealed);
  copy.writeUInt8(copy.readUInt8(position) ^ 1, position);
  return copy;
}
