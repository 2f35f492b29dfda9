import type { Logger } from '../../lib/logger.ts';
import type { SpanSink } from '../../lib/span-sink.ts';
import { VERSION } from '../version.ts';

/** Where traces go. */
export interface SpanExportConfig {
  OTEL_EXPORTER_OTLP_ENDPOINT?: string | undefined;
  OTEL_EXPORTER_OTLP_HEADERS: Readonly<Record<string, string>>;
  OTEL_SERVICE_NAME: string;
  OTEL_TRACES_SAMPLER_ARG: number;
}

/** At the end, for how long it is tried to send what is left. */
const EXPORT_TIMEOUT_MS = 5_000;
const SCHEDULED_DELAY_MS = 2_000;

/**
 * Sends spans to a collector by OTLP over HTTP, in batches; where it cannot be reached, spans are
 * lost and nothing else. The packages for it are loaded only here.
 *
 * @returns undefined where no collector is configured
 */
export async function openSpanExport(
  config: SpanExportConfig,
  log: Logger,
): Promise<SpanSink | undefined> {
  const { OTEL_EXPORTER_OTLP_ENDPOINT: endpoint, OTEL_SERVICE_NAME: name } = config;
  if (endpoint === undefined) return undefined;
  const [{ BatchSpanProcessor }, { OTLPTraceExporter }, { resourceFromAttributes }, { buildSpan }] =
    await Promise.all([
      import('@opentelemetry/sdk-trace'),
      import('@opentelemetry/exporter-trace-otlp-http'),
      import('@opentelemetry/resources'),
      import('./build-span.ts'),
    ]);
  const resource = resourceFromAttributes({ 'service.name': name, 'service.version': VERSION });
  const url = `${endpoint.replace(/\/$/, '')}/v1/traces`;
  const headers = { ...config.OTEL_EXPORTER_OTLP_HEADERS };
  const exporter = new OTLPTraceExporter({ url, headers, timeoutMillis: EXPORT_TIMEOUT_MS });
  const processor = new BatchSpanProcessor({
    exporter,
    scheduledDelayMillis: SCHEDULED_DELAY_MS,
    exportTimeoutMillis: EXPORT_TIMEOUT_MS,
  });
  return {
    samples: (traceId) => isSampled(traceId, config.OTEL_TRACES_SAMPLER_ARG),
    record: (span) => processor.onEnd(buildSpan(span, resource)),
    close: async () => {
      try {
        await processor.shutdown();
      } catch (error) {
        log.warn('the last traces are lost', { error });
      }
    },
  };
}

/** The last 56 bits of an id are random (W3C Trace Context, level 2). */
function isSampled(traceId: string, ratio: number): boolean {
  return Number.parseInt(traceId.slice(-13), 16) < ratio * 2 ** 52;
}
