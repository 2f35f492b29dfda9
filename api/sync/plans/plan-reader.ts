import { z } from 'zod';
import { decodeRunPlan, RUN_PLAN_KEY, runPlanName, type RunPlan } from '../../../crds/run-plan.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import type { ConfigMap } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';

/** Reads the plan of a run as people may see it. */
export type PlanReader = (run: string) => Promise<RunPlan | undefined>;

/**
 * Reads plans from the runs namespace.
 *
 * @returns a reader that gives undefined for a plan that is not there, or cannot be read
 */
export function createPlanReader(client: KubeClient, namespace: string): PlanReader {
  return async (run) => {
    const key = { namespace, name: runPlanName(run) };
    const shown = await client.get<ConfigMap>(RESOURCE_TYPES.configMaps, key);
    const packed = shown?.binaryData?.[RUN_PLAN_KEY];
    return packed === undefined ? undefined : readPlan(packed);
  };
}

async function readPlan(packed: string): Promise<RunPlan | undefined> {
  try {
    return await decodeRunPlan(packed);
  } catch (error) {
    const isUnreadable =
      error instanceof z.ZodError || error instanceof SyntaxError || error instanceof RangeError;
    if (isUnreadable) return undefined;
    throw error;
  }
}
