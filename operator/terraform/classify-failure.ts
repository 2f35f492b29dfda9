import type { FailureType } from '../../crds/failure.ts';
import type { Diagnostic } from './engine-events.ts';

/** Why we told the engine to stop, if we did. */
export type Cancellation = 'signal' | 'deadline';

/** How an engine process ended without success. */
export interface EngineFailure {
  diagnostics: readonly Diagnostic[];
  /** What it wrote to standard error; all there is where an engine reports no diagnostics. */
  errorText: string;
  /** The signal that ended the process, if one did. */
  signal: string | undefined;
  cancelled: Cancellation | undefined;
  /** The kernel says that it killed a process of this container for want of memory. */
  outOfMemory: boolean;
}

/** HTTP statuses as providers write them; a bare number may be anything. */
const TRANSIENT_STATUS = statusPattern('429|500|502|503|504');
const CONFLICT_STATUS = statusPattern('409');
const CREDENTIALS_STATUS = statusPattern('401|403');

/**
 * Evidence in texts, strongest first. Diagnostics carry no codes, so this is a heuristic: what the
 * words of Kubernetes, the clouds and the engine have in common. It only chooses how the run is
 * retried; the text itself is always shown.
 */
const EVIDENCE: readonly { type: FailureType; pattern: RegExp }[] = [
  {
    type: 'Transient',
    pattern: /too many requests|throttl|(rate|request) ?(limit)? ?exceeded|slow ?down/i,
  },
  {
    type: 'Quota',
    pattern: /exceeded quota|quota ?exceeded|limit ?exceeded|insufficient ?capacity/i,
  },
  {
    type: 'Policy',
    pattern: /admission webhook|validatingadmissionpolicy|violates podsecurity|denied by policy/i,
  },
  // Kubernetes about an object that it cannot take; `Forbidden:` in it is about a field.
  { type: 'Configuration', pattern: /"[^"]*" is invalid: / },
  {
    type: 'Conflict',
    pattern:
      /already ?exists|apply failed with \d+ conflict|already owned|object has been modified/i,
  },
  { type: 'Conflict', pattern: CONFLICT_STATUS },
  {
    type: 'Transient',
    pattern:
      /connection (refused|reset)|i\/o timeout|tls handshake timeout|no such host|could not resolve host|network is unreachable|unexpected EOF|service ?unavailable|bad gateway|gateway timeout|internal server error|internal error occurred|deadline exceeded|giving up after \d+ attempt/i,
  },
  { type: 'Transient', pattern: TRANSIENT_STATUS },
  {
    type: 'Credentials',
    pattern:
      /unauthorized|access ?denied|forbidden|asked for the client to provide credentials|expired ?token|invalid ?(client ?token|access ?key)|no valid credential|(password )?authentication failed/i,
  },
  { type: 'Credentials', pattern: CREDENTIALS_STATUS },
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
  const texts = errors.map((error) => `${error.summary}\n${error.detail}`);
  const text = texts.length > 0 ? texts.join('\n') : failure.errorText;
  return EVIDENCE.find(({ pattern }) => pattern.test(text))?.type ?? 'Configuration';
}

function statusPattern(codes: string): RegExp {
  return new RegExp(`\\b(?:http|status|status ?code|error|code)[\\s:="]{1,3}(?:${codes})\\b`, 'i');
}
