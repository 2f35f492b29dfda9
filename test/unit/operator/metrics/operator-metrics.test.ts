import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { request } from 'undici';
import type { ResourceRequest } from '../../../../crds/resource-request.ts';
import type { ResourceRun } from '../../../../crds/resource-run.ts';
import {
  startMetricsServer,
  type MetricsServer,
} from '../../../../operator/metrics/metrics-server.ts';
import { OperatorMetrics } from '../../../../operator/metrics/operator-metrics.ts';
import { QuietLogger } from '../../../support/quiet-logger.ts';

const documentation = path.resolve(import.meta.dirname, '../../../../docs/operate-metrics.md');

type Status = 'True' | 'False' | 'Unknown';

function buildRun(succeeded: Status, status: ResourceRun['status'] = {}): ResourceRun {
  const condition = { type: 'Succeeded', status: succeeded, reason: 'Test', message: '' };
  return {
    apiVersion: 'quartermaster.dev/v1alpha1',
    kind: 'ResourceRun',
    metadata: {
      name: 'orders-apply',
      namespace: 'runs',
      creationTimestamp: '2026-01-01T00:00:00Z',
    },
    spec: {
      requestRef: { namespace: 'acme-shop', name: 'orders', uid: 'uid-1' },
      action: 'Apply',
      attempt: 1,
      classRevision: 'postgres-0123456789',
      inputsDigest: 'sha256:0',
    },
    status: {
      ...status,
      conditions: [{ ...condition, lastTransitionTime: '2026-01-01T00:00:00Z' }],
    },
  };
}

const times = { startedAt: '2026-01-01T00:00:02Z', finishedAt: '2026-01-01T00:00:12Z' };

describe('the metrics of the operator', () => {
  let metrics: OperatorMetrics;
  let isLeading: boolean;
  let runs: ResourceRun[];
  let requests: ResourceRequest[];

  beforeEach(() => {
    isLeading = true;
    runs = [];
    requests = [];
    metrics = new OperatorMetrics();
    metrics.watch(
      {
        isLeading: () => isLeading,
        loads: () => ({ requests: { queued: 3, active: 2, delayed: 1 } }),
        requests: () => requests,
        runs: () => runs,
        classes: () => [],
      },
      { now: () => new Date('2026-01-01T00:01:02Z') },
    );
  });

  async function valueOf(name: string, labels: Record<string, string>): Promise<unknown> {
    const metric = (await metrics.registry.getMetricsAsJSON()).find((one) => one.name === name);
    return metric?.values.find((sample) => {
      const all: Record<string, unknown> = { ...sample.labels, ...named(sample) };
      return Object.entries(labels).every(([label, value]) => all[label] === value);
    })?.value;
  }

  function named(sample: object): { sample: unknown } {
    return { sample: (sample as { metricName?: unknown }).metricName };
  }

  it('counts no run on a replica that does not lead, nor one that had ended before it was seen', async () => {
    isLeading = false;
    metrics.onRun(buildRun('Unknown'));
    metrics.onRun(buildRun('True', times));
    isLeading = true;
    metrics.onRun(buildRun('True', times));
    expect(await valueOf('quartermaster_runs_total', { action: 'Apply' })).to.equal(undefined);
  });

  it('counts a run once, however often it is seen, with its phases', async () => {
    metrics.onRun(buildRun('Unknown'));
    for (let index = 0; index < 3; index += 1) metrics.onRun(buildRun('True', times));
    const labels = { action: 'Apply', result: 'succeeded' };
    expect(await valueOf('quartermaster_runs_total', labels)).to.equal(1);
    for (const [phase, seconds] of Object.entries({ queued: 2, working: 10 })) {
      const sample = 'quartermaster_run_phase_seconds_sum';
      expect(await valueOf('quartermaster_run_phase_seconds', { phase, sample })).to.equal(seconds);
    }
  });

  it('names the type of a failure, and no phase that a run never had', async () => {
    metrics.onRun(buildRun('Unknown'));
    const failure = { type: 'Quota' as const, message: 'no room' };
    metrics.onRun(buildRun('False', { failure, finishedAt: times.finishedAt }));
    expect(await valueOf('quartermaster_runs_total', { result: 'Quota' })).to.equal(1);
    expect(await valueOf('quartermaster_run_phase_seconds', { action: 'Apply' })).to.equal(
      undefined,
    );
  });

  it('forgets a run that is gone', async () => {
    metrics.onRun(buildRun('Unknown'));
    metrics.onRunDeleted(buildRun('Unknown'));
    metrics.onRun(buildRun('True', times));
    expect(await valueOf('quartermaster_runs_total', {})).to.equal(undefined);
  });

  it('reads gauges from what is there now', async () => {
    runs = [buildRun('Unknown', { startedAt: times.startedAt }), buildRun('True', times)];
    requests = [{ status: {} }, {}] as ResourceRequest[];
    expect(await valueOf('quartermaster_leader', {})).to.equal(1);
    expect(await valueOf('quartermaster_queue_depth', { state: 'queued' })).to.equal(3);
    expect(await valueOf('quartermaster_run_oldest_seconds', { action: 'Apply' })).to.equal(60);
    expect(await valueOf('quartermaster_run_oldest_seconds', { action: 'Destroy' })).to.equal(0);
    const ready = { condition: 'Ready', status: 'Unknown' };
    expect(await valueOf('quartermaster_requests', ready)).to.equal(2);
    requests = [];
    runs = [];
    isLeading = false;
    expect(await valueOf('quartermaster_requests', ready)).to.equal(0);
    expect(await valueOf('quartermaster_run_oldest_seconds', { action: 'Apply' })).to.equal(0);
    expect(await valueOf('quartermaster_leader', {})).to.equal(0);
  });

  /** Makes every metric have a value. */
  async function readAll(): Promise<Map<string, { labels: string[]; type: string }>> {
    metrics.onVisit({ controller: 'runs', waitedMs: 5, tookMs: 7, result: 'done' });
    metrics.onWatchInterrupted('Job');
    metrics.onRun(buildRun('Unknown'));
    metrics.onRun(buildRun('True', times));
    const all = await metrics.registry.getMetricsAsJSON();
    const own = all.filter(({ name }) => name.startsWith('quartermaster_'));
    return new Map(
      own.map(({ name, values, type }) => {
        const labels = new Set(values.flatMap((sample) => Object.keys(sample.labels)));
        labels.delete('le');
        return [name, { labels: [...labels].sort(), type: String(type) }];
      }),
    );
  }

  it('are those of the documentation: names, types and labels', async () => {
    const rows = readFileSync(documentation, 'utf8').matchAll(
      /^\| `(quartermaster_\w+)` +\| (\w+) +\| ([^|]*)\|/gm,
    );
    const documented = [...rows].map(([, name = '', type, labels = '']) => [
      name,
      { labels: [...labels.matchAll(/`(\w+)`/g)].map(([, label]) => label).sort(), type },
    ]);
    expect(new Map(documented as [string, unknown][])).to.deep.equal(await readAll());
  });

  it('have no labels but those with few, fixed values', async () => {
    const labels = new Set([...(await readAll()).values()].flatMap((metric) => metric.labels));
    expect([...labels].sort()).to.deep.equal([
      'action',
      'condition',
      'controller',
      'kind',
      'phase',
      'result',
      'state',
      'status',
    ]);
    expect(await metrics.registry.metrics()).not.to.match(/orders|acme-shop|uid-1|postgres/);
  });

  describe('over HTTP', () => {
    let server: MetricsServer;
    beforeEach(async () => {
      server = await startMetricsServer(0, metrics.registry, new QuietLogger());
    });
    afterEach(() => server.close());

    const refused: [string, 'GET' | 'POST'][] = [
      ['/', 'GET'],
      ['/metrics', 'POST'],
    ];
    for (const [url, method] of refused) {
      it(`refuses ${method} ${url}`, async () => {
        const answer = await request(`http://127.0.0.1:${server.port}${url}`, { method });
        expect(answer.statusCode).to.equal(404);
      });
    }

    it('gives all of them as text', async () => {
      const answer = await request(`http://127.0.0.1:${server.port}/metrics`);
      expect(answer.headers['content-type']).to.match(/^text\/plain; version=0\.0\.4/);
      expect(await answer.body.text())
        .to.include('quartermaster_leader 1')
        .and.include('process_resident_memory_bytes');
    });
  });
});
