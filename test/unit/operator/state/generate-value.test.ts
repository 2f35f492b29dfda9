import { expect } from 'chai';
import { generateValue } from '../../../../operator/state/generate-value.ts';

describe('A generated value', () => {
  const forms = [
    ['alphanumeric', /^[A-Za-z0-9]{64}$/],
    ['hex', /^[0-9a-f]{64}$/],
    ['symbols', /^[A-Za-z0-9_.~!*+=^,-]{64}$/],
  ] as const;
  for (const [characters, form] of forms) {
    it(`of ${characters} has its length and its characters, and is new each time`, () => {
      const one = generateValue({ length: 64, characters });
      expect(one).to.match(form);
      expect(generateValue({ length: 64, characters })).not.to.equal(one);
    });
  }
});
