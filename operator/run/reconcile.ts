import { RESOURCE_RUNS } from '../../crds/resource-types.ts';
import type { ReconcileResult } from '../controller/outcome.ts';
import { writeStatus } from '../write-status.ts';
import { actOnRun } from './act.ts';
import { decideRun, type RunDecision } from './decide.ts';
import type { RunReconcilerDeps } from './deps.ts';
import type { RunObservation } from './observation.ts';
import { observeRun } from './observe.ts';
import { runStatus } from './status.ts';

/** Nets for what a watch should have told. */
const LOOK_AGAIN_MS = { queued: 5_000, starting: 3_000, running: 30_000, leaving: 1_000 };

/**
 * The reconcile function of ResourceRuns: observe, decide, act, say so in the status.
 *
 * @returns a function from `namespace/name`
 */
export function createRunReconciler(
  deps: RunReconcilerDeps,
): (key: string) => Promise<ReconcileResult> {
  const wakeNext = createWaker(deps);
  return async (key) => {
    const run = deps.caches.runs.get(key);
    if (run === undefined) {
      wakeNext();
      return {};
    }
    const observation = await observeRun(deps, run);
    const decision = decideRun(observation);
    const visit = (): Promise<RunDecision> => actAndReport(deps, observation, decision);
    const done = decision.kind === 'start-job' ? await deps.turns.hold(run, visit) : await visit();
    if (done !== undefined && isOver(done)) wakeNext();
    const wait = requeueAfter(done ?? { kind: 'queue' });
    // No watch tells that the API server takes no pod.
    const isPodless = wait === LOOK_AGAIN_MS.running && observation.pods.length === 0;
    return { requeueAfterMs: isPodless ? LOOK_AGAIN_MS.starting : wait };
  };
}

async function actAndReport(
  deps: RunReconcilerDeps,
  observation: RunObservation,
  decision: RunDecision,
): Promise<RunDecision> {
  const done = await actOnRun(deps, observation, decision);
  const status = runStatus(observation, done);
  if (status !== undefined) {
    const written = await writeStatus(deps.client, RESOURCE_RUNS, observation.run, status);
    deps.caches.runs.record(written);
  }
  return done;
}

/**
 * A place is free: those whose turn it is learn of it at once. Whose turn it is takes a look at all
 * runs, so the thousands that are found finished after a start ask once and not one by one.
 */
function createWaker({ turns, wake }: Pick<RunReconcilerDeps, 'turns' | 'wake'>): () => void {
  let isAsked = false;
  return () => {
    if (isAsked) return;
    isAsked = true;
    setImmediate(() => {
      isAsked = false;
      for (const key of turns.next()) wake(key);
    });
  };
}

function isOver({ kind }: RunDecision): boolean {
  return kind === 'none' || kind === 'clean-up' || kind === 'await-exit' || kind === 'fail';
}

function requeueAfter({ kind }: RunDecision): number | undefined {
  switch (kind) {
    case 'queue':
      return LOOK_AGAIN_MS.queued;
    case 'start-job':
    case 'adopt-job':
    case 'await-report':
      return LOOK_AGAIN_MS.running;
    case 'await-exit':
      return LOOK_AGAIN_MS.leaving;
    case 'fail':
      return 0;
    case 'none':
    case 'clean-up':
      return undefined;
  }
}
