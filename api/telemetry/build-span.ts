import { SpanKind, SpanStatusCode, type SpanContext } from '@opentelemetry/api';
import type { Resource } from '@opentelemetry/resources';
import type { ReadableSpan } from '@opentelemetry/sdk-trace';
import type { FinishedSpan } from '../../lib/span-sink.ts';
import { VERSION } from '../version.ts';

type Time = ReadableSpan['startTime'];

const KINDS = { server: SpanKind.SERVER, consumer: SpanKind.CONSUMER } as const;

/** A span as the exporter of OpenTelemetry takes it. */
export function buildSpan(span: FinishedSpan, resource: Resource): ReadableSpan {
  const { trace, parentSpanId, name, kind, attributes, isError } = span;
  const context = contextOf(span, trace.spanId);
  return {
    ...{ name, resource, attributes },
    kind: KINDS[kind],
    spanContext: () => context,
    ...(parentSpanId === undefined ? {} : { parentSpanContext: contextOf(span, parentSpanId) }),
    startTime: toTime(span.startedAt.getTime()),
    endTime: toTime(span.endedAt.getTime()),
    duration: toTime(span.endedAt.getTime() - span.startedAt.getTime()),
    ended: true,
    status: { code: isError ? SpanStatusCode.ERROR : SpanStatusCode.UNSET },
    instrumentationScope: { name: 'quartermaster', version: VERSION },
    ...{ links: [], events: [] },
    ...{ droppedAttributesCount: 0, droppedEventsCount: 0, droppedLinksCount: 0 },
  };
}

function contextOf({ trace }: FinishedSpan, spanId: string): SpanContext {
  return { traceId: trace.traceId, spanId, traceFlags: Number.parseInt(trace.flags, 16) };
}

/** Seconds and nanoseconds. */
function toTime(milliseconds: number): Time {
  const seconds = Math.floor(milliseconds / 1_000);
  return [seconds, (milliseconds - seconds * 1_000) * 1_000_000];
}
