import type { FailureType } from '../../crds/failure.ts';
import type { Diagnostic } from './engine-events.ts';

/** Why we told the engine to stop, if we did. */
export type Cancellation = 'signal' | 'deadline';

/** How an engine process ended without success. */
export interface EngineFailure {
  diagnostics: readonly Diagnostic[];
  /** The signal that ended the process, if one did. */
  signal: string | undefined;
  cancelled: Cancellation | undefined;
  /** The kernel says that it killed a process of this container for want of memory. */
  outOfMemory: boolean;
}

/**
 * Evidence in texts, strongest first. Diagnostics carry no codes, so this is a heuristic: what the
 * words of Kubernetes, the clouds and the engine have in common. It only chooses how the run is
 * retried; the text itself is always shown.
 */
const EVIDENCE: readonly { type: FailureType; pattern: RegExp }[] = [
  {
    type: 'Quota',
    pattern: /exceeded quota|quota ?exceeded|limit ?exceeded|insufficient ?capacity/i,
  },
  {
    type: 'Policy',
    pattern: /admission webhook|validatingadmissionpolicy|violates podsecurity|denied by policy/i,
  },
  {
    type: 'Conflict',
    pattern: /already ?exists|\b409\b|apply failed with \d+ conflict|already owned/i,
  },
  {
    type: 'Transient',
    pattern:
      /connection (refused|reset)|i\/o timeout|tls handshake timeout|no such host|unexpected EOF|too many requests|throttl|rate ?exceeded|service ?unavailable|bad gateway|gateway timeout|internal server error|deadline exceeded|\b(429|500|502|503|504)\b/i,
  },
  {
    type: 'Credentials',
    pattern:
      /unauthorized|access ?denied|forbidden|expired ?token|invalid ?(client ?token|access ?key)|no valid credential|authentication failed|\b(401|403)\b/i,
  },
];

/** The engine's own words when another holds the lock; the same in OpenTofu and Terraform. */
const LOCK_SUMMARY = 'Error acquiring the state lock';

/**
 * Which kind of failure it was. What we know for sure comes first (we stopped it, the kernel killed
 * it, the lock); texts come last; and what nothing explains is the configuration's fault, since
 * the same inputs would fail again.
 */
export function classifyFailure(failure: EngineFailure): FailureType {
  if (failure.cancelled !== undefined) {
    return failure.cancelled === 'deadline' ? 'DeadlineExceeded' : 'Interrupted';
  }
  if (failure.outOfMemory) return 'OutOfMemory';
  const errors = failure.diagnostics.filter((diagnostic) => diagnostic.severity === 'error');
  if (errors.some((error) => error.summary === LOCK_SUMMARY)) return 'StateLocked';
  // A signal from nobody we know: the node is going down, or somebody kills processes.
  if (failure.signal !== undefined) return 'Interrupted';
  const text = errors.map((error) => `${error.summary}\n${error.detail}`).join('\n');
  return EVIDENCE.find(({ pattern }) => pattern.test(text))?.type ?? 'Configuration';
}
