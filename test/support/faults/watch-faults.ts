import type { Fault, ProxiedCall } from '../kube/fault-proxy.ts';

/** Something that goes wrong with watches, or with the lists before them. */
export interface WatchFault {
  name: string;
  watch: Fault;
  list?: Fault;
  /** Only noticed after the time that a watch or a page may take. */
  isSlow?: boolean;
}

/** Everything that API servers, load balancers and networks do to watches. */
export const WATCH_FAULTS: readonly WatchFault[] = [
  { name: 'silent stall', watch: { kind: 'mute' }, isSlow: true },
  { name: 'connection refused', watch: { kind: 'reset' } },
  { name: 'connection reset', watch: { kind: 'cut', afterMs: 300 } },
  { name: 'clean close', watch: { kind: 'end', afterMs: 300 } },
  { name: '401', watch: refusal(401, 'Unauthorized') },
  { name: '403', watch: refusal(403, 'Forbidden') },
  { name: '429 with Retry-After', watch: refusal(429, 'TooManyRequests', { 'retry-after': '2' }) },
  { name: '500', watch: refusal(500, 'InternalError') },
  { name: '503', watch: refusal(503, 'ServiceUnavailable') },
  { name: 'HTTP 410', watch: refusal(410, 'Expired') },
  { name: '410 in the stream', watch: errorEvent(410, 'Expired') },
  { name: '500 in the stream', watch: errorEvent(500, 'InternalError') },
  { name: 'cut JSON line', watch: { kind: 'truncate', bytes: 40 } },
  { name: 'bad JSON line', watch: { kind: 'text', text: '{"type": nonsense}\n' } },
  {
    name: 'failed list',
    watch: refusal(410, 'Expired'),
    list: refusal(500, 'InternalError'),
  },
  {
    name: 'hanging list',
    watch: refusal(410, 'Expired'),
    list: { kind: 'hang' },
    isSlow: true,
  },
];

/** Which fault is played on a call; none on calls that neither watch nor list. */
export function playWatchFault(fault: WatchFault): (call: ProxiedCall) => Fault | undefined {
  return ({ isWatch, url }) => {
    if (isWatch) return fault.watch;
    return url.searchParams.has('limit') ? fault.list : undefined;
  };
}

function refusal(code: number, reason: string, headers?: Record<string, string>): Fault {
  const body = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code };
  return { kind: 'status', status: code, body, ...(headers === undefined ? {} : { headers }) };
}

function errorEvent(code: number, reason: string): Fault {
  const object = { kind: 'Status', apiVersion: 'v1', status: 'Failure', reason, code };
  return { kind: 'text', text: `${JSON.stringify({ type: 'ERROR', object })}\n` };
}
