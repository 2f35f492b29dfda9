import { decodeJwt } from 'jose';
import type { ResourceRun } from '../../crds/resource-run.ts';
import type { RequestObservation } from './observation.ts';
import { runOutcome } from './runs.ts';

/**
 * Whether the approval in a request names a plan that was never applied. It is not verified here:
 * this only tells whether it is worth a look, which most requests at rest are not.
 */
export function bringsAnotherPlan({
  request,
  runs,
}: Pick<RequestObservation, 'request' | 'runs'>): boolean {
  const plan = claimedPlan(request.spec.approval);
  return plan !== undefined && !isApplied(runs, plan);
}

/** Whether a run has applied the plan of that digest. */
export function isApplied(runs: readonly ResourceRun[], planDigest: string): boolean {
  return runs.some(
    (run) =>
      run.spec.action === 'Apply' &&
      run.spec.planDigest === planDigest &&
      runOutcome(run) === 'succeeded',
  );
}

function claimedPlan(token: string | undefined): string | undefined {
  if (token === undefined) return undefined;
  try {
    const { plan } = decodeJwt<{ plan?: unknown }>(token);
    return typeof plan === 'string' ? plan : undefined;
  } catch {
    // Whoever verifies it says what is wrong with it.
    return undefined;
  }
}
