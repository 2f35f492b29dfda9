/** Every status of a request, in the order of its life. */
export const REQUEST_STATUSES = [
  'pending',
  'approved',
  'provisioning',
  'ready',
  'failed',
  'rejected',
  'cancelled',
  'deleting',
  'deleted',
] as const;

/** Status of a request. */
export type RequestStatus = (typeof REQUEST_STATUSES)[number];

/** What a person does to a request. */
export type RequestAction =
  'update' | 'approve' | 'reject' | 'cancel' | 'delete' | 'retry' | 'read_credentials';

/** The part of a request that the state machine looks at. */
export interface RequestState {
  status: RequestStatus;
  /** Number of the revision that waits for a decision, while an older one runs. */
  pendingRevision: number | null;
  /** How far the plan of what waits is; null or left out where the class wants none. */
  planStatus?: 'planning' | 'ready' | 'failed' | 'outdated' | null;
  /** Whether it is the deletion that waits. */
  deletes?: boolean;
}

/**
 * Where a status may lead. The left column moves by people (pending, approved, deleting) and by
 * what the operator reports (the rest); rejected, cancelled and deleted are the end. A pending
 * request is deleting only where its resource was made in the cluster, and so is there already.
 *
 *     pending ─▶ approved ─▶ provisioning ◀─▶ ready
 *        │           │            ▲  ▼          │
 *        │           └─────────▶ failed ◀───────┤
 *        ▼                                      ▼
 *     rejected, cancelled, deleted          deleting ─▶ deleted
 */
export const TRANSITIONS: Readonly<Record<RequestStatus, readonly RequestStatus[]>> = {
  pending: ['approved', 'rejected', 'cancelled', 'deleting', 'deleted'],
  approved: ['provisioning', 'ready', 'failed', 'deleting', 'deleted'],
  provisioning: ['approved', 'ready', 'failed', 'deleting', 'deleted'],
  ready: ['approved', 'provisioning', 'failed', 'deleting', 'deleted'],
  failed: ['approved', 'provisioning', 'ready', 'deleting', 'deleted'],
  rejected: [],
  cancelled: [],
  deleting: ['deleted'],
  deleted: [],
};

/** Statuses in which a resource exists, or is about to. */
export const RUNNING_STATUSES: readonly RequestStatus[] = [
  'approved',
  'provisioning',
  'ready',
  'failed',
];

/** Statuses in which a request holds its name. */
export const LIVE_STATUSES: readonly RequestStatus[] = ['pending', ...RUNNING_STATUSES, 'deleting'];

/** Whether a request may go from one status to another; staying is always allowed. */
export function canMove(from: RequestStatus, to: RequestStatus): boolean {
  return from === to || TRANSITIONS[from].includes(to);
}

/**
 * Whether something of the request waits for an approver. Of what was deleted in the cluster, that is
 * its end at most.
 */
export function isAwaitingDecision(state: RequestState): boolean {
  if (state.status === 'pending') return true;
  if (state.pendingRevision === null) return false;
  return RUNNING_STATUSES.includes(state.status) || isEndAwaited(state);
}

/** Whether Kubernetes deletes the resource already, and it only waits for people to agree. */
function isEndAwaited({ status, pendingRevision, deletes }: RequestState): boolean {
  return status === 'deleting' && pendingRevision !== null && deletes === true;
}

/** Whether what waits for an approver has no plan that could be approved, and none is being made. */
export function lacksPlan(state: RequestState): boolean {
  const isUnplanned = state.planStatus === 'failed' || state.planStatus === 'outdated';
  return isUnplanned && isAwaitingDecision(state);
}

const isRunning = (state: RequestState): boolean => RUNNING_STATUSES.includes(state.status);

/** What each action asks of the state it finds. */
const PRECONDITIONS: Readonly<Record<RequestAction, (state: RequestState) => boolean>> = {
  update: (state) => state.status === 'pending' || isRunning(state),
  approve: isAwaitingDecision,
  reject: isAwaitingDecision,
  // Kubernetes takes no deletion back.
  cancel: (state) => isAwaitingDecision(state) && state.status !== 'deleting',
  // Asking twice for a deletion is answered like asking once.
  delete: (state) => LIVE_STATUSES.includes(state.status),
  retry: (state) => isRunning(state) || state.status === 'deleting' || lacksPlan(state),
  read_credentials: isRunning,
};

/** Whether the state of a request allows an action, whoever asks for it. */
export function allowsAction(state: RequestState, action: RequestAction): boolean {
  return PRECONDITIONS[action](state);
}
