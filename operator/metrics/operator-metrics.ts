import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from 'prom-client';
import type { ResourceClass } from '../../crds/resource-class.ts';
import type { ResourceRequest } from '../../crds/resource-request.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import type { Clock } from '../../lib/clock.ts';
import type { Load, Visit } from '../controller/controller.ts';
import type { OperatorObserver } from '../observer.ts';
import { ageOfOldestCheck } from './age-of-checks.ts';
import { ageOfOldestRuns, countRequests, type Sample } from './count-objects.ts';
import { RunEnds } from './run-ends.ts';

/** From a cached look to a call that took its full time. */
const VISIT_BUCKETS = [0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1, 5, 10, 30, 60];
/** From a trivial module to a database of a cloud. */
const RUN_BUCKETS = [0.5, 1, 2, 5, 10, 30, 60, 120, 300, 600, 1_800, 3_600];

/** What the gauges look at when they are read. */
export interface MetricsView {
  isLeading(): boolean;
  /** By the name of the controller. */
  loads(): Record<string, Load>;
  requests(): readonly ResourceRequest[];
  runs(): readonly ResourceRun[];
  classes(): readonly ResourceClass[];
}

/**
 * What the operator tells Prometheus. Labels have few, fixed values: never a name of a request, a
 * namespace, a class or a tenant. docs/operate-metrics.md lists all of it.
 */
export class OperatorMetrics implements OperatorObserver {
  readonly registry = new Registry();
  readonly #ends = new RunEnds();
  #isLeading = (): boolean => false;

  readonly #queueWait = new Histogram({
    name: 'quartermaster_queue_wait_seconds',
    help: 'Time from when a key could be visited to when its visit began.',
    labelNames: ['controller'],
    buckets: VISIT_BUCKETS,
    registers: [this.registry],
  });
  readonly #reconcileTime = new Histogram({
    name: 'quartermaster_reconcile_seconds',
    help: 'Time that a visit of a key took.',
    labelNames: ['controller'],
    buckets: VISIT_BUCKETS,
    registers: [this.registry],
  });
  readonly #reconciles = new Counter({
    name: 'quartermaster_reconciles_total',
    help: 'Visits by how they ended: done, requeue, terminal, conflict or failed.',
    labelNames: ['controller', 'result'],
    registers: [this.registry],
  });
  readonly #runsEnded = new Counter({
    name: 'quartermaster_runs_total',
    help: 'Runs that ended, by action and by result: succeeded or the type of the failure.',
    labelNames: ['action', 'result'],
    registers: [this.registry],
  });
  readonly #runPhases = new Histogram({
    name: 'quartermaster_run_phase_seconds',
    help: 'How long runs waited for their Job (queued) and for their result (working).',
    labelNames: ['action', 'phase'],
    buckets: RUN_BUCKETS,
    registers: [this.registry],
  });
  readonly #watchRestarts = new Counter({
    name: 'quartermaster_watch_restarts_total',
    help: 'Lists and watches that failed and began anew, by kind.',
    labelNames: ['kind'],
    registers: [this.registry],
  });

  constructor() {
    collectDefaultMetrics({ register: this.registry });
  }

  /** Adds the gauges, which are computed when somebody reads them. */
  watch(view: MetricsView, clock: Clock): void {
    this.#isLeading = () => view.isLeading();
    this.#gauge('quartermaster_leader', 'Whether this replica works: 1 or 0.', [], () => [
      { labels: {}, value: view.isLeading() ? 1 : 0 },
    ]);
    this.#gauge(
      'quartermaster_queue_depth',
      'Keys by state: queued (could be visited now), active, delayed.',
      ['controller', 'state'],
      () => Object.entries(view.loads()).flatMap(([name, load]) => samplesOfLoad(name, load)),
    );
    this.#gauge(
      'quartermaster_requests',
      'Resource requests by condition and status.',
      ['condition', 'status'],
      () => countRequests(view.requests()),
    );
    this.#gauge(
      'quartermaster_run_oldest_seconds',
      'Age of the oldest run that has a Job and no end: for so long it may hold a state lock.',
      ['action'],
      () => ageOfOldestRuns(view.runs(), clock.now().getTime()),
    );
    this.#gauge(
      'quartermaster_drift_oldest_check_seconds',
      'Of what is checked for drift, the longest time since a good check or an apply.',
      [],
      () => [
        {
          labels: {},
          value: ageOfOldestCheck(
            { requests: view.requests(), runs: view.runs(), classes: view.classes() },
            clock.now().getTime(),
          ),
        },
      ],
    );
  }

  onVisit({ controller, waitedMs, tookMs, result }: Visit): void {
    this.#queueWait.observe({ controller }, waitedMs / 1_000);
    this.#reconcileTime.observe({ controller }, tookMs / 1_000);
    this.#reconciles.inc({ controller, result });
  }

  onWatchInterrupted(kind: string): void {
    this.#watchRestarts.inc({ kind });
  }

  /** Every replica sees every run; only the leader counts, so that sums over replicas are right. */
  onRun(run: ResourceRun): void {
    const end = this.#ends.see(run);
    if (end === undefined || !this.#isLeading()) return;
    const { action, result, queuedSeconds, workingSeconds } = end;
    this.#runsEnded.inc({ action, result });
    if (queuedSeconds !== undefined) {
      this.#runPhases.observe({ action, phase: 'queued' }, queuedSeconds);
    }
    if (workingSeconds !== undefined) {
      this.#runPhases.observe({ action, phase: 'working' }, workingSeconds);
    }
  }

  onRunDeleted(run: ResourceRun): void {
    this.#ends.forget(run);
  }

  #gauge(name: string, help: string, labelNames: string[], read: () => Sample[]): void {
    const gauge: Gauge = new Gauge({
      name,
      help,
      labelNames,
      registers: [this.registry],
      collect: () => {
        for (const { labels, value } of read()) gauge.set(labels, value);
      },
    });
  }
}

function samplesOfLoad(controller: string, { queued, active, delayed }: Load): Sample[] {
  const states = { queued, active, delayed };
  return Object.entries(states).map(([state, value]) => ({ labels: { controller, state }, value }));
}
