import { AsyncLocalStorage } from 'node:async_hooks';
import { randomBytes } from 'node:crypto';

/** Where a piece of work stands in a trace, as W3C Trace Context has it. */
export interface TraceContext {
  /** 32 hex digits; the same for all that one call led to. */
  traceId: string;
  /** 16 hex digits; of this piece of work. */
  spanId: string;
  /** Two hex digits; whether anybody records the trace is for who began it to say. */
  flags: string;
}

const TRACEPARENT = /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/;
const current = new AsyncLocalStorage<TraceContext>();

/**
 * Reads a `traceparent` header (W3C Trace Context §3.2).
 *
 * @returns undefined for none, or for one that is not valid
 */
export function parseTraceparent(header: string | undefined): TraceContext | undefined {
  const found = TRACEPARENT.exec(header ?? '');
  if (!found) return undefined;
  const part = (index: number): string => found[index] ?? '';
  const [version, traceId, spanId] = [part(1), part(2), part(3)];
  if (version === 'ff' || (version === '00' && part(5) !== '')) return undefined;
  return isNull(traceId) || isNull(spanId) ? undefined : { traceId, spanId, flags: part(4) };
}

/** Ids of zeros alone are not valid. */
function isNull(id: string): boolean {
  return /^0+$/.test(id);
}

/** A trace as a `traceparent` header has it. */
export function formatTraceparent({ traceId, spanId, flags }: TraceContext): string {
  return `00-${traceId}-${spanId}-${flags}`;
}

/**
 * A new piece of work: of the trace that it belongs to, or of a new one.
 *
 * @param samples whether a new trace is recorded; nobody does so unless it is given
 */
export function beginSpan(
  parent: TraceContext | undefined,
  samples: (traceId: string) => boolean = () => false,
): TraceContext {
  const spanId = randomBytes(8).toString('hex');
  if (parent) return { ...parent, spanId };
  const traceId = randomBytes(16).toString('hex');
  return { traceId, spanId, flags: samples(traceId) ? '01' : '00' };
}

/** Does work as part of a trace: everything that it awaits belongs to it. */
export function runInTrace<T>(trace: TraceContext, work: () => T): T {
  return current.run(trace, work);
}

/** The trace that this code runs in, if there is one. */
export function currentTrace(): TraceContext | undefined {
  return current.getStore();
}
