import { randomInt } from 'node:crypto';

/** How a secret value is made; `generated` of a class. */
export interface GeneratedValue {
  length: number;
  characters: 'alphanumeric' | 'hex' | 'symbols';
}

const ALPHANUMERIC = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

const ALPHABETS: Record<GeneratedValue['characters'], string> = {
  alphanumeric: ALPHANUMERIC,
  hex: '0123456789abcdef',
  // No quotes, spaces, backslash, or what a URL or a shell gives a meaning of its own.
  symbols: `${ALPHANUMERIC}-_.~!*+=^,`,
};

/** A random text of that length and alphabet, every character equally likely. */
export function generateValue({ length, characters }: GeneratedValue): string {
  const alphabet = ALPHABETS[characters];
  return Array.from({ length }, () => alphabet[randomInt(alphabet.length)]).join('');
}
