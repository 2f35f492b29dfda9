import type { ShownRequest } from '../models/resource-request.ts';

type Conditions = ShownRequest['conditions'];

/**
 * The conditions of a request: those of its resource, or, while there is none, what is waited for.
 * Between an approval and the resource lie milliseconds, unless Kubernetes is away or was never
 * connected; then people should know why nothing happens, and that nothing is lost.
 */
export function presentConditions(
  request: Pick<ShownRequest, 'status' | 'conditions' | 'decided_at' | 'updated_at'>,
): Conditions {
  if (request.status !== 'approved' || request.conditions.length > 0) return request.conditions;
  return [
    {
      type: 'Ready',
      status: 'False',
      reason: 'WaitingForKubernetes',
      message: 'Approved. The order is kept until Kubernetes takes it.',
      last_transition_time: (request.decided_at ?? request.updated_at).toISOString(),
    },
  ];
}
