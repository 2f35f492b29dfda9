import { expect } from 'chai';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createKubeClient } from '../../../lib/kube/create-kube-client.ts';
import type { FinishedSpan, SpanSink } from '../../../lib/span-sink.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import {
  beginSpan,
  formatTraceparent,
  parseTraceparent,
  runInTrace,
} from '../../../lib/trace-context.ts';
import { buildTeam, type Team } from '../../support/api/people.ts';
import { eventually } from '../../support/eventually.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';
import { approve, makeRequest, REQUESTS, type Shown } from '../../support/requests/requests.ts';
import { PLATFORM, startSyncedApi, type SyncedApi } from '../../support/requests/synced-api.ts';

const TRACE = '4bf92f3577b34da6a3ce929d0e0e4736';
const HEADER = `00-${TRACE}-00f067aa0ba902b7-01`;

describe('the trace of a call', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  const spans: FinishedSpan[] = [];
  const sink: SpanSink = {
    samples: () => true,
    record: (span) => void spans.push(span),
    close: () => Promise.resolve(),
  };
  let api: SyncedApi;
  let team: Team;
  before(async () => {
    api = await startSyncedApi(cluster, PLATFORM, {}, { spans: sink });
    team = await buildTeam(api);
  });
  after(() => api.close());

  it('stands in the log lines of the call, and in the order to the relay', async () => {
    const { id } = await makeRequest(team);
    await approve(team.approver.client.with({ traceparent: HEADER }), id);
    const lines = api.logged.filter(({ message }) => message === 'request');
    await eventually(() => {
      const approving = lines.findLast((line) => String(line['path']).endsWith('/approve'));
      expect(approving).to.include({ trace_id: TRACE });
    });
    const [order] = await api.deps.database.withSystem('test', async (trx) =>
      trx('outbox').where({ key: id }).select<{ payload: { traceparent: string } }[]>('payload'),
    );
    expect(parseTraceparent(order?.payload.traceparent)).to.include({ traceId: TRACE });
  });

  it('goes on where the relay delivers the order, with a span of its own', async () => {
    const { id } = await makeRequest(team);
    await approve(team.approver.client.with({ traceparent: HEADER }), id);
    const delivered = await eventually(() => {
      const span = spans.find(({ name, attributes }) => {
        const isOfRequest = attributes['quartermaster.outbox.key'] === id;
        return name === 'relay resource-request' && isOfRequest;
      });
      if (!span) throw new Error('not delivered yet');
      return span;
    });
    const approving = spans.find(({ name, attributes }) => {
      return name.endsWith('/approve') && String(attributes['url.path']).includes(id);
    });
    expect(approving).to.deep.include({ kind: 'server', isError: false });
    expect(approving?.trace.traceId).to.equal(TRACE);
    expect(delivered).to.deep.include({ kind: 'consumer', isError: false });
    expect(delivered.trace.traceId).to.equal(TRACE);
    expect(delivered.parentSpanId).to.equal(approving?.trace.spanId);
  });

  it('begins anew where the caller says none, or what is not valid', async () => {
    await team.readOnly.client.with({ traceparent: 'nonsense' }).get<Shown>(REQUESTS);
    await eventually(() => {
      const line = api.logged.findLast((entry) => entry['path'] === REQUESTS);
      expect(line?.['trace_id']).to.match(/^[0-9a-f]{32}$/);
    });
  });

  it('goes out with calls to Kubernetes', async () => {
    const seen: (string | undefined)[] = [];
    const server = createServer((request, response) => {
      seen.push(request.headers['traceparent'] as string | undefined);
      response.writeHead(404, { 'content-type': 'application/json' }).end('{}');
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const directory = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-trace-'));
    const kubeconfig = path.join(directory, 'kubeconfig');
    writeFileSync(kubeconfig, buildKubeconfig(port));
    const client = createKubeClient({ kubeconfig });
    const trace = beginSpan(parseTraceparent(HEADER));
    await runInTrace(trace, () => client.get(RESOURCE_TYPES.namespaces, { name: 'any' }));
    await client.get(RESOURCE_TYPES.namespaces, { name: 'any' });
    expect(seen).to.deep.equal([formatTraceparent(trace), undefined]);
    await client.close();
    server.close();
    rmSync(directory, { recursive: true });
  });
});

function buildKubeconfig(port: number): string {
  return JSON.stringify({
    ...{ apiVersion: 'v1', kind: 'Config', 'current-context': 'test' },
    clusters: [
      {
        name: 'test',
        cluster: { server: `http://127.0.0.1:${port}`, 'insecure-skip-tls-verify': true },
      },
    ],
    users: [{ name: 'test', user: {} }],
    contexts: [{ name: 'test', context: { cluster: 'test', user: 'test' } }],
  });
}
