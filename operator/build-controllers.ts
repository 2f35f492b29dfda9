import type { Caches } from './caches.ts';
import { createClassReconciler } from './class/reconcile.ts';
import type { OperatorConfig } from './config.ts';
import { Controller, type Visit } from './controller/controller.ts';
import type { ReconcileResult } from './controller/outcome.ts';
import type { OperatorDeps } from './deps.ts';
import { ApprovalKeys } from './request/approval-keys.ts';
import { ApprovalLedger } from './request/approval-ledger.ts';
import { ClassParameters } from './request/class-parameters.ts';
import { CredentialsMemo } from './request/credentials-memo.ts';
import { createRequestReconciler } from './request/reconcile.ts';
import type { SecretWatch } from './request/secret-watch.ts';
import { createRunReconciler } from './run/reconcile.ts';
import { describeLog } from './run-api/describe-log.ts';
import { RunTurns } from './run/run-turns.ts';
import type { Controllers } from './wake-ups.ts';

/** Keys that are visited at once. */
const WORKERS = { classes: 2, requests: 16, runs: 16 };

/** What the controllers are made from. */
export interface ControllerParts {
  config: OperatorConfig;
  deps: OperatorDeps;
  caches: Caches;
  secrets: SecretWatch;
  onVisit?: ((visit: Visit) => void) | undefined;
}

type Reconcile = (key: string) => Promise<ReconcileResult>;

/** The three controllers, not started. */
export function buildControllers(parts: ControllerParts): Controllers {
  const { onVisit } = parts;
  const { log, clock } = parts.deps;
  const build = (name: keyof typeof WORKERS, reconcile: Reconcile): Controller =>
    new Controller({ name, workers: WORKERS[name], reconcile, log, clock, onVisit });
  const runs: Controller = build(
    'runs',
    buildRunReconciler(parts, (key) => runs.enqueue(key)),
  );
  return {
    classes: build('classes', buildClassReconciler(parts)),
    requests: build('requests', buildRequestReconciler(parts)),
    runs,
  };
}

function buildClassReconciler({ config, deps, caches }: ControllerParts): Reconcile {
  return createClassReconciler({
    client: deps.client,
    clock: deps.clock,
    classes: caches.classes,
    countRequests: (className) => caches.requestsOf(className).length,
    runsNamespace: config.RUNS_NAMESPACE,
  });
}

function buildRequestReconciler({ config, deps, caches, secrets }: ControllerParts): Reconcile {
  const { client, clock, events, stores, revisions } = deps;
  const { RUNS_NAMESPACE: runsNamespace, SYSTEM_NAMESPACE: systemNamespace } = config;
  return createRequestReconciler({
    client,
    clock,
    caches,
    stores: {
      readOutputs: (uid) => stores.outputs.readAll(uid),
      readRevision: (name) => revisions.read(name),
      findPlan: (planDigest) => stores.plans.look(planDigest),
      readStateVersion: async (uid) => (await stores.state.readIndex(uid)).current,
      removeAll: (uid) => stores.removeAll(uid),
    },
    approvals: {
      keys: new ApprovalKeys({ client, clock, systemNamespace }),
      ledger: new ApprovalLedger({ client, clock, runsNamespace }),
    },
    parameters: new ClassParameters(),
    secrets,
    agreed: new CredentialsMemo(),
    events,
    runsNamespace,
    random: Math.random,
  });
}

function buildRunReconciler(
  { config, deps, caches }: ControllerParts,
  wake: (key: string) => void,
): Reconcile {
  const { client, clock, log, stores, access, revisions } = deps;
  return createRunReconciler({
    client,
    clock,
    log,
    caches,
    wake,
    turns: new RunTurns({
      listRuns: () => caches.runs.list(),
      limit: config.MAX_CONCURRENT_RUNS,
    }),
    runsNamespace: config.RUNS_NAMESPACE,
    runnerImage: config.RUNNER_IMAGE,
    runnerPullSecrets: config.RUNNER_IMAGE_PULL_SECRETS,
    readRevision: (name) => revisions.read(name),
    issueRunAccess: (run) => access.issueRunAccess(run),
    releaseLock: (uid, run) => stores.releaseLock(uid, run),
    removePlan: (planDigest) => stores.plans.remove(planDigest),
    completeLog: (run, lastLine) => stores.logs.complete(describeLog(run), lastLine),
  });
}
