/** A request, as far as a refusal is concerned. */
export interface RefusedRequest {
  status: string;
  newest_revision: number;
  newest_status: string;
  newest_comment: string | null;
  /** A deletion that was refused leaves nothing undone that the resource asks for. */
  newest_deletes: boolean;
}

/**
 * What a resource is told that does not go on, or whose newest change does not; undefined where
 * nothing was refused.
 */
export function describeRefusal(request: RefusedRequest): string | undefined {
  const { status, newest_status, newest_comment, newest_revision } = request;
  if (request.newest_deletes) return undefined;
  if (newest_status !== 'rejected' && newest_status !== 'cancelled') return undefined;
  const isOver = status === 'rejected' || status === 'cancelled';
  const what = newest_status === 'rejected' ? 'Rejected' : 'Taken back';
  const which = isOver ? what : `${what} (change ${newest_revision})`;
  return newest_comment === null ? `${which}.` : `${which}: ${newest_comment}`;
}
