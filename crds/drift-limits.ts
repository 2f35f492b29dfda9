/** Bounds of what a status says about drift; apart from the schema, because the runner loads no zod. */
export const DRIFT_LIMITS = {
  resources: 20,
  attributes: 10,
  address: 300,
  attribute: 100,
} as const;

/** What would be done about a difference. */
export const DRIFT_ACTIONS = ['create', 'update', 'replace', 'delete'] as const;
