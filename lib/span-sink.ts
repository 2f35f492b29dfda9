import type { TraceContext } from './trace-context.ts';

/** A piece of work that is over, as a trace shows it. */
export interface FinishedSpan {
  trace: TraceContext;
  /** Of the piece of work that it is part of; none for the first of a trace. */
  parentSpanId: string | undefined;
  name: string;
  /** A call that came in, or an order that was fetched from a queue. */
  kind: 'server' | 'consumer';
  startedAt: Date;
  endedAt: Date;
  attributes: Readonly<Record<string, string | number>>;
  isError: boolean;
}

/** Takes what a trace consists of to where traces are looked at. */
export interface SpanSink {
  /** Whether a trace that begins here is recorded: by its id, so that all replicas agree. */
  samples(traceId: string): boolean;
  /** Hands a span on, later and in batches; one of a trace that nobody records is dropped. */
  record(span: FinishedSpan): void;
  /** Sends what is left. */
  close(): Promise<void>;
}
