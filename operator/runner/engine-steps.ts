import { buildEngineArguments, type EngineStep } from '../terraform/engine-arguments.ts';
import { parsePlanJson, type PlanJson } from '../terraform/plan-json.ts';
import type { Changes, RunSpec } from '../terraform/run-contract.ts';
import { secondsLeft, startDeadline } from './deadline.ts';
import { captureEngine, runEngine, type EngineExit } from './engine.ts';
import { countMemoryKills } from './memory-kills.ts';
import type { RunLog } from './run-log.ts';
import { describeStepFailure, RunFailedError } from './step-failure.ts';
import type { Workspace } from './workspace.ts';

/** What is said when a command fails whose own words may hold secrets. */
const VERBS: Partial<Record<EngineStep, string>> = {
  show: 'show its plan',
  'show-recheck': 'show its plan',
  print: 'print its plan',
};

/**
 * To start, an engine fills memory that its collector goes through again and again, for a third of the
 * time. Of all commands only `init` starts no provider, so that more memory is none that could lack.
 */
const INIT_SETTINGS = { GOGC: '400' };

/** Showing a plan takes a moment; more than this is a hang. */
const SHOW_SECONDS = 120;

/** What the steps of a run share. */
export interface StepContext {
  spec: RunSpec;
  program: string;
  workspace: Workspace;
  environment: Record<string, string | undefined>;
  log: RunLog;
  /** Aborted when the run is to stop. */
  signal: AbortSignal;
  graceMs: number;
  /** By `performance.now()`. */
  startedAt: number;
}

/** Fetches module and providers. @throws {RunFailedError} */
export async function initialize(context: StepContext): Promise<void> {
  await runStep(context, 'init', planningSecondsLeft(context));
}

/** Plans, and saves the plan. @throws {RunFailedError} */
export async function plan(context: StepContext): Promise<Changes | undefined> {
  return (await runStep(context, 'plan', planningSecondsLeft(context))).changes;
}

/** Plans once more, only to see what would be done now. @throws {RunFailedError} */
export async function recheck(context: StepContext): Promise<PlanJson> {
  await runStep(context, 'recheck', planningSecondsLeft(context));
  return parsePlanJson(await capture(context, 'show-recheck'));
}

/** The saved plan, for programs. @throws {RunFailedError} */
export async function showPlan(context: StepContext): Promise<PlanJson> {
  return parsePlanJson(await capture(context, 'show'));
}

/** The saved plan, for people; not masked yet. @throws {RunFailedError} */
export async function printPlan(context: StepContext): Promise<string> {
  return capture(context, 'print');
}

/** Applies the saved plan, nothing else. @throws {RunFailedError} */
export async function apply(context: StepContext): Promise<Changes | undefined> {
  const { action, timeouts } = context.spec;
  const seconds = action === 'Destroy' ? timeouts.destroySeconds : timeouts.applySeconds;
  return (await runStep(context, 'apply', seconds)).changes;
}

/** All steps before the apply share the time of the plan, as the Job's own deadline counts it. */
function planningSecondsLeft({ spec, startedAt }: StepContext): number {
  return secondsLeft(spec.timeouts.planSeconds, performance.now() - startedAt);
}

/** What a command prints, which no log hears: it holds secrets. */
async function capture(context: StepContext, step: EngineStep): Promise<string> {
  const deadline = startDeadline(undefined, SHOW_SECONDS);
  const text = await captureEngine(buildCommand(context, step, deadline.signal)).finally(
    deadline.clear,
  );
  if (text !== undefined) return text;
  throw new RunFailedError({
    type: 'Internal',
    message: `the engine could not ${VERBS[step] ?? step}`,
  });
}

async function runStep(
  context: StepContext,
  step: EngineStep,
  seconds: number,
): Promise<EngineExit> {
  const { log } = context;
  const killsBefore = await countMemoryKills();
  const deadline = startDeadline(context.signal, seconds);
  const command = buildCommand(context, step, deadline.signal);
  const exit = await runEngine({ ...command, onText: (text) => log.add(text) }).finally(
    deadline.clear,
  );
  if (exit.code === 0) return exit;
  const outOfMemory = (await countMemoryKills()) > killsBefore;
  throw new RunFailedError(describeStepFailure(step, exit, outOfMemory, log.mask));
}

function buildCommand(context: StepContext, step: EngineStep, signal: AbortSignal) {
  const { action, destroys = false, engine } = context.spec;
  return {
    program: context.program,
    arguments: buildEngineArguments(step, destroys || action === 'Destroy', engine),
    directory: context.workspace.directory,
    environment:
      step === 'init' ? { ...INIT_SETTINGS, ...context.environment } : context.environment,
    signal,
    graceMs: context.graceMs,
  };
}
