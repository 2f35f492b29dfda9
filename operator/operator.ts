import type { ResourceClass } from '../crds/resource-class.ts';
import type { ResourceRequest } from '../crds/resource-request.ts';
import type { ResourceRun } from '../crds/resource-run.ts';
import { toError } from '../lib/errors.ts';
import { formatKey } from '../lib/kube/objects.ts';
import type { Logger } from '../lib/logger.ts';
import { buildControllers } from './build-controllers.ts';
import { Caches, type CacheHandlers } from './caches.ts';
import { findOtherInstallation, type OtherInstallation } from './class/other-installation.ts';
import { RevisionSweep } from './class/revision-sweep.ts';
import type { OperatorConfig } from './config.ts';
import type { Load } from './controller/controller.ts';
import type { OperatorDeps } from './deps.ts';
import type { OperatorObserver } from './observer.ts';
import { SecretWatch } from './request/secret-watch.ts';
import { LeftoverSweep } from './state/leftover-sweep.ts';
import { StateSweep } from './state/state-sweep.ts';
import { buildWakeUps, requestKeyOfSecret, type Controllers } from './wake-ups.ts';

/** How often watches of namespaces without requests are ended. */
const TIDY_MS = 60_000;
/** How often locks of runs that are over are looked for. */
const LOCKS_MS = 15_000;
/** How often class revisions that nobody uses, and chunks of no state, are looked for. */
const SWEEP_MS = 10 * 60_000;

/** Who hears of what the operator sees. */
export interface OperatorListeners {
  /** For metrics. */
  observer?: OperatorObserver | undefined;
  /** A class belongs to another installation: this one must not work. */
  onOtherInstallation?: ((other: OtherInstallation) => void) | undefined;
}

/** The controllers of the operator, with everything that they watch. */
export class Operator {
  readonly #caches: Caches;
  readonly #secrets: SecretWatch;
  readonly #controllers: Controllers;
  readonly #revisions: RevisionSweep;
  readonly #states: StateSweep;
  readonly #leftovers: LeftoverSweep;
  readonly #log: Logger;
  readonly #runsNamespace: string;
  #tidy: NodeJS.Timeout | undefined;
  #sweep: NodeJS.Timeout | undefined;
  #locks: NodeJS.Timeout | undefined;
  #isWarm = false;

  constructor(config: OperatorConfig, deps: OperatorDeps, listeners: OperatorListeners = {}) {
    const { observer } = listeners;
    const { client, clock, log } = deps;
    this.#log = log;
    const runsNamespace = config.RUNS_NAMESPACE;
    this.#runsNamespace = runsNamespace;
    this.#caches = new Caches({
      client,
      clock,
      log,
      runsNamespace,
      handlers: this.#buildHandlers(listeners, runsNamespace),
      onInterrupted: (kind) => observer?.onWatchInterrupted(kind),
    });
    this.#secrets = new SecretWatch({
      client,
      clock,
      log,
      onChange: (key) => {
        const request = requestKeyOfSecret(key);
        if (request !== undefined) this.#controllers.requests.enqueue(request);
      },
    });
    this.#revisions = new RevisionSweep({ client, clock, log, namespace: runsNamespace });
    this.#states = new StateSweep({ ...deps, namespace: runsNamespace });
    this.#leftovers = new LeftoverSweep({
      ...{ client, clock, log, namespace: runsNamespace },
      hasRuns: (requestUid) => this.#caches.runsOf(requestUid).length > 0,
    });
    this.#controllers = buildControllers({
      config,
      deps,
      caches: this.#caches,
      secrets: this.#secrets,
      onVisit: (visit) => observer?.onVisit(visit),
    });
  }

  /** How much each controller has to do. */
  get loads(): Record<keyof Controllers, Load> {
    const { classes, requests, runs } = this.#controllers;
    return { classes: classes.load, requests: requests.load, runs: runs.load };
  }

  /** All requests, from memory. */
  get requests(): ResourceRequest[] {
    return this.#caches.requests.list();
  }

  /** All classes, from memory. */
  get classes(): ResourceClass[] {
    return this.#caches.classes.list();
  }

  /** All runs, from memory. */
  get runs(): ResourceRun[] {
    return this.#caches.runs.list();
  }

  /** A run as it was last seen; undefined if there is none, or nothing was seen yet. */
  recallRun(name: string): ResourceRun | undefined {
    return this.#caches.runs.get(formatKey({ namespace: this.#runsNamespace, name }));
  }

  /** Whether everything was seen once, so that work can begin at any moment. */
  get isWarm(): boolean {
    return this.#isWarm;
  }

  /** Begins to watch, and changes nothing; resolves when everything was seen once. */
  async watch(): Promise<void> {
    await this.#caches.start();
    this.#isWarm = true;
  }

  /** Begins to work; after {@link watch}, by the leader alone. */
  work(): void {
    const { classes, requests, runs } = this.#controllers;
    for (const controller of [classes, requests, runs]) controller.start();
    this.#tidy = setInterval(() => void this.#endUnusedWatches(), TIDY_MS);
    this.#locks = setInterval(() => void this.#sweepLocks(), LOCKS_MS);
    this.#sweep = setInterval(() => {
      void this.#sweepRevisions();
      void this.#sweepChunks();
      void this.#sweepLeftovers();
    }, SWEEP_MS);
  }

  /** Begins no more work, and resolves when what was under way has ended. */
  async rest(): Promise<void> {
    clearInterval(this.#tidy);
    clearInterval(this.#sweep);
    clearInterval(this.#locks);
    const { classes, requests, runs } = this.#controllers;
    await Promise.all([classes.stop(), requests.stop(), runs.stop()]);
  }

  /** Ends the work under way, then the watches. */
  async stop(): Promise<void> {
    await this.rest();
    this.#isWarm = false;
    await Promise.all([this.#secrets.stop(), this.#caches.stop()]);
  }

  #buildHandlers(
    { observer, onOtherInstallation }: OperatorListeners,
    runsNamespace: string,
  ): CacheHandlers {
    const handlers = buildWakeUps(
      () => this.#caches,
      () => this.#controllers,
    );
    return {
      ...handlers,
      onClass: (key, priority) => {
        const seen = this.#caches.classes.get(key);
        const other = seen && findOtherInstallation(seen, runsNamespace);
        if (other) onOtherInstallation?.(other);
        handlers.onClass(key, priority);
      },
      onRun: (key, priority) => {
        handlers.onRun(key, priority);
        const run = this.#caches.runs.get(key);
        if (run) observer?.onRun(run);
      },
      onRunDeleted: (run) => {
        handlers.onRunDeleted(run);
        observer?.onRunDeleted(run);
      },
    };
  }

  async #endUnusedWatches(): Promise<void> {
    const namespaces = this.#caches.requests.list().map(({ metadata }) => metadata.namespace ?? '');
    await this.#secrets.keepOnly(new Set(namespaces));
  }

  async #sweepRevisions(): Promise<void> {
    const { classes, requests, runs } = this.#caches;
    const users = { classes: classes.list(), requests: requests.list(), runs: runs.list() };
    try {
      await this.#revisions.sweep(users);
    } catch (error) {
      this.#log.warn('class revisions could not be swept', { error: toError(error) });
    }
  }

  async #sweepLocks(): Promise<void> {
    try {
      await this.#states.sweepLocks();
    } catch (error) {
      this.#log.warn('state locks could not be swept', { error: toError(error) });
    }
  }

  async #sweepLeftovers(): Promise<void> {
    try {
      await this.#leftovers.sweep();
    } catch (error) {
      this.#log.warn('what plans left could not be swept', { error: toError(error) });
    }
  }

  async #sweepChunks(): Promise<void> {
    try {
      await this.#states.sweepChunks();
    } catch (error) {
      this.#log.warn('chunks of states could not be swept', { error: toError(error) });
    }
  }
}
