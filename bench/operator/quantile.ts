/**
 * A quantile by the nearest rank.
 *
 * @param values any order; not empty
 * @param share 0.5 for the median
 */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN;
}
