import type { ShownRequest } from '../models/shown-request.ts';

type Conditions = ShownRequest['conditions'];
type Waiting = Pick<
  ShownRequest,
  'status' | 'conditions' | 'decided_at' | 'updated_at' | 'latest_plan_status'
>;

/**
 * The conditions of a request: those of its resource, or, while there is none, what is waited for.
 * Between an order and its plan, or an approval and the resource, lie moments, unless Kubernetes is
 * away or was never connected; then people should know why nothing happens, and that nothing is lost.
 */
export function presentConditions(request: Waiting): Conditions {
  if (request.conditions.length > 0) return request.conditions;
  const { status, decided_at, updated_at, latest_plan_status: plan } = request;
  if (status === 'approved') {
    const message = 'Approved. The order is kept until Kubernetes takes it.';
    return [notReady('WaitingForKubernetes', message, decided_at ?? updated_at)];
  }
  if (status !== 'pending' || plan !== 'planning') return [];
  const message = 'The plan is ordered. The order is kept until Kubernetes takes it.';
  return [notReady('Planning', message, updated_at)];
}

function notReady(reason: string, message: string, since: Date): Conditions[number] {
  return {
    ...{ type: 'Ready', status: 'False', reason, message },
    last_transition_time: since.toISOString(),
  };
}
