/** What a class costs each month. */
export interface ClassPrice {
  monthly: number;
  currency: string;
}

/** The limits of an organisation or a project; null and absent: none. */
export interface QuotaLimits {
  project_id: string | null;
  requests: number | null;
  classes: Readonly<Record<string, number>>;
  monthly_cost: number | null;
  currency: string | null;
}

/** How many requests of a class there are in a project. */
export interface ClassCount {
  project_id: string;
  class_name: string;
  count: number;
}

/** One more request, beside those that are counted. */
export interface QuotaQuestion {
  className: string;
  counts: readonly ClassCount[];
  /** What a class costs, as it is offered now; undefined: nothing. */
  priceOf: (className: string) => ClassPrice | undefined;
}

/** A limit that one more request would break. */
export interface QuotaExcess {
  /** Such as `requests`, `classes/postgres` or `monthly_cost`. */
  limit: string;
  scope: 'organization' | 'project';
  quota: number;
  used: number;
  asked: number;
  /** Of cost; another one than that of the limit cannot be compared, so it is refused. */
  currency?: string;
}

/** The first limit that one more request would break; undefined where there is none. */
export function judgeQuota(limits: QuotaLimits, question: QuotaQuestion): QuotaExcess | undefined {
  const counts = question.counts.filter(
    ({ project_id }) => limits.project_id === null || project_id === limits.project_id,
  );
  const scope = limits.project_id === null ? 'organization' : 'project';
  const usage = { ...question, counts };
  return [judgeRequests(limits, usage), judgeClass(limits, usage), judgeCost(limits, usage)]
    .filter((excess) => excess !== undefined)
    .map((excess) => ({ ...excess, scope }) as const)
    .at(0);
}

type Excess = Omit<QuotaExcess, 'scope'>;

function judgeRequests({ requests }: QuotaLimits, { counts }: QuotaQuestion): Excess | undefined {
  const used = sum(counts.map(({ count }) => count));
  if (requests === null || used + 1 <= requests) return undefined;
  return { limit: 'requests', quota: requests, used, asked: 1 };
}

function judgeClass(
  { classes }: QuotaLimits,
  { className, counts }: QuotaQuestion,
): Excess | undefined {
  const quota = Object.hasOwn(classes, className) ? classes[className] : undefined;
  const used = sum(
    counts.filter(({ class_name }) => class_name === className).map(({ count }) => count),
  );
  if (quota === undefined || used + 1 <= quota) return undefined;
  return { limit: `classes/${className}`, quota, used, asked: 1 };
}

function judgeCost(
  { monthly_cost: quota, currency }: QuotaLimits,
  { className, counts, priceOf }: QuotaQuestion,
): Excess | undefined {
  const price = priceOf(className);
  if (quota === null || currency === null || price === undefined) return undefined;
  const costs = counts.map(({ class_name, count }) => {
    const each = priceOf(class_name);
    return each?.currency === currency ? each.monthly * count : 0;
  });
  const used = roundCents(sum(costs));
  const isComparable = price.currency === currency;
  if (isComparable && roundCents(used + price.monthly) <= quota) return undefined;
  return { limit: 'monthly_cost', quota, used, asked: price.monthly, currency: price.currency };
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((total, number) => total + number, 0);
}

function roundCents(amount: number): number {
  return Math.round(amount * 100) / 100;
}
