import { expect } from 'chai';
import { execa } from 'execa';
import { readApiConfig } from '../../api/config.ts';
import { openSpanExport } from '../../api/telemetry/open-span-export.ts';
import type { SpanSink } from '../../lib/span-sink.ts';
import { checkoutDirectory } from '../../dev/paths.ts';
import { buildTeam, type Team } from '../support/api/people.ts';
import {
  recordingLogger,
  startTestApi,
  type LogLine,
  type TestApi,
} from '../support/api/test-api.ts';
import { QuietLogger } from '../support/quiet-logger.ts';
import { REQUESTS } from '../support/requests/requests.ts';
import {
  startCollector,
  type Collector,
  type ReceivedSpan,
} from '../support/telemetry/collector.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const CALLER = '00f067aa0ba902b7';

function configure(settings: Record<string, string>): ReturnType<typeof readApiConfig> {
  const needed = { DATABASE_URL: 'postgres://a', SYSTEM_DATABASE_URL: 'postgres://b' };
  return readApiConfig({ ...needed, ...settings });
}

describe('traces, where a collector is configured', function () {
  this.timeout(60_000);
  let collector: Collector;
  let sink: SpanSink;
  let api: TestApi;
  let team: Team;
  before(async () => {
    collector = await startCollector();
    const settings = {
      OTEL_EXPORTER_OTLP_ENDPOINT: `${collector.url}/`,
      OTEL_EXPORTER_OTLP_HEADERS: 'x-tenant=acme, authorization=Bearer%20collector-secret',
    };
    sink = (await openSpanExport(configure(settings), new QuietLogger()))!;
    api = await startTestApi({ spans: sink }, settings);
    team = await buildTeam(api);
    const readOnly = team.readOnly.client;
    const sampled = readOnly.with({ traceparent: `00-${TRACE}-${CALLER}-01` });
    await sampled.get(`${REQUESTS}?status=pending`);
    const unsampled = `00-${TRACE.replace('4', '5')}-${CALLER}-00`;
    await readOnly.with({ traceparent: unsampled }).get(`${REQUESTS}?mine=true`);
    await readOnly.get('/api/v1/no-such-place');
    await sink.close();
  });
  after(async () => {
    await api.close();
    await collector.close();
  });

  const named = (name: string): ReceivedSpan[] =>
    collector.spans.filter((span) => span.name === name);
  const attributesOf = ({ attributes }: ReceivedSpan): object =>
    Object.fromEntries(
      attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]),
    );

  it('go to it by OTLP over HTTP, with the headers that it wants', () => {
    expect(new Set(collector.paths)).to.deep.equal(new Set(['/v1/traces']));
    const [headers] = collector.headers;
    expect(headers).to.include({ 'x-tenant': 'acme', authorization: 'Bearer collector-secret' });
    expect(new Set(collector.spans.map(({ service }) => service))).to.deep.equal(
      new Set(['quartermaster-api']),
    );
  });

  it('have a span for a call, below that of the caller, with route and status', () => {
    const span = named(`GET ${REQUESTS}`).find(({ traceId }) => traceId === TRACE);
    expect(span).to.include({ parentSpanId: CALLER, kind: 2 });
    expect(attributesOf(span!)).to.deep.equal({
      'http.request.method': 'GET',
      'http.route': REQUESTS,
      'http.response.status_code': 200,
      'url.path': REQUESTS,
    });
    expect(BigInt(span!.endTimeUnixNano) >= BigInt(span!.startTimeUnixNano)).to.equal(true);
  });

  it('begin here where the caller says none', () => {
    const [span] = named('POST /api/v1/orgs');
    expect(span?.traceId).to.match(/^[0-9a-f]{32}$/);
    expect(span?.parentSpanId ?? '').to.equal('');
  });

  it('leave out what the caller does not record', () => {
    expect(collector.spans.filter(({ traceId }) => traceId.startsWith('5bf92f'))).to.deep.equal([]);
  });

  it('have the ids that the log lines have', () => {
    const line = api.logged.find((entry) => entry['trace_id'] === TRACE);
    const span = collector.spans.find(({ traceId }) => traceId === TRACE);
    expect(span?.spanId).to.equal(line?.['span_id']);
  });

  it('call a call by its method alone where there is no such route', () => {
    const [span] = named('GET');
    expect(attributesOf(span!)).to.include({ 'http.response.status_code': 404 });
  });

  it('hold neither tokens nor queries nor bodies', () => {
    const everything = JSON.stringify(collector.spans);
    for (const secret of ['eyJ', 'password":', 'status=pending', team.admin.email]) {
      expect(everything).not.to.contain(secret);
    }
  });

  it('do not hold up calls while the collector is away', async () => {
    const lines: LogLine[] = [];
    const away = (await openSpanExport(
      configure({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' }),
      recordingLogger(lines),
    ))!;
    const alone = await startTestApi({ spans: away });
    expect((await alone.client.get('/health')).status).to.equal(200);
    await alone.close();
    await away.close();
    expect(lines.map(({ message }) => message)).to.deep.equal(['the last traces are lost']);
  });

  it('are sampled by their ids, in the part that is asked for', async () => {
    const none = await openSpanExport(
      configure({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER_ARG: '0' }),
      new QuietLogger(),
    );
    const half = await openSpanExport(
      configure({ OTEL_EXPORTER_OTLP_ENDPOINT: collector.url, OTEL_TRACES_SAMPLER_ARG: '0.5' }),
      new QuietLogger(),
    );
    const low = `${'a'.repeat(19)}0${'f'.repeat(12)}`;
    const high = 'f'.repeat(32);
    expect([none!.samples(low), half!.samples(low), half!.samples(high)]).to.deep.equal([
      ...[false, true, false],
    ]);
    expect(sink.samples(high)).to.equal(true);
    await Promise.all([none!.close(), half!.close()]);
  });
});

describe('traces, where no collector is configured', () => {
  it('are not sent, and what sends them is not loaded', async () => {
    expect(await openSpanExport(configure({}), new QuietLogger())).to.equal(undefined);
    const program = `
      import { registerHooks } from 'node:module';
      const loaded = [];
      registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
      await import('./api/create-api.ts');
      process.stdout.write(loaded.join('\\n'));
    `;
    const { stdout } = await execa(process.execPath, ['--input-type=module', '--eval', program], {
      cwd: checkoutDirectory,
    });
    expect(stdout).to.contain('api/telemetry/open-span-export.ts');
    expect(stdout).not.to.match(/opentelemetry\/(sdk|exporter|otlp)/);
  }).timeout(60_000);
});
