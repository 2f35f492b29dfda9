import { ANNOTATIONS } from './constants.ts';
import type { ResourceRun } from './resource-run.ts';

/** What a Plan run of the api was ordered for. */
export interface PlanOrder {
  /** The api's id of the request. */
  requestId: string;
  revision: number;
}

/**
 * What a Plan run was ordered for by the api. Only the platform writes in the runs namespace, so
 * the annotations are believed.
 *
 * @returns undefined for every run that the operator made
 */
export function readPlanOrder({ metadata, spec }: ResourceRun): PlanOrder | undefined {
  const requestId = metadata.annotations?.[ANNOTATIONS.requestId];
  const revision = Number(metadata.annotations?.[ANNOTATIONS.requestRevision]);
  if (spec.action !== 'Plan' || requestId === undefined) return undefined;
  return Number.isInteger(revision) ? { requestId, revision } : undefined;
}

/**
 * Whether a run plans a resource that does not exist yet: until there is one, the id of the request
 * stands in the place of its uid.
 */
export function isAheadOfResource(run: ResourceRun): boolean {
  return readPlanOrder(run)?.requestId === run.spec.requestRef.uid;
}
