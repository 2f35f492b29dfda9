const MILLISECONDS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;

/**
 * Reads a duration such as `90s`, `1h30m` or `7d`.
 *
 * @param text one or more numbers, each with a unit of s, m, h or d
 * @returns milliseconds
 * @throws {RangeError} when the text is none
 */
export function parseDuration(text: string): number {
  if (!/^([0-9]+[smhd])+$/.test(text)) throw new RangeError('not a duration such as 90s or 1h30m');
  return [...text.matchAll(/([0-9]+)([smhd])/g)].reduce(
    (sum, [, amount, unit]) =>
      sum + Number(amount) * MILLISECONDS[unit as keyof typeof MILLISECONDS],
    0,
  );
}
