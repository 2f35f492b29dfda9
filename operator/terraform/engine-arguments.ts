import type { RunSpec } from './run-contract.ts';

/** The saved plan: the only thing that is ever applied. */
export const PLAN_FILE = 'run.tfplan';
/** A plan made only to see whether the world has moved; never applied. */
export const RECHECK_FILE = 'recheck.tfplan';
/** The engine's record of the providers that it chose. */
export const LOCK_FILE = '.terraform.lock.hcl';
/** Values of the variables; read by the plan, and by nothing else. */
export const VARIABLES_FILE = 'run.tfvars.json';
/** Written by the engine when it could not hand over the state. */
export const ERRORED_STATE_FILE = 'errored.tfstate';

/** A step of a run, by the engine's command. */
export type EngineStep =
  | 'init'
  | 'plan'
  | 'apply'
  /** The saved plan as JSON; it holds secrets. */
  | 'show'
  /** The saved plan as people read it; it may hold secrets. */
  | 'print'
  | 'recheck'
  | 'show-recheck';

/** How long the engine waits for a lock that another process of the same run is giving back. */
const LOCK_TIMEOUT = '-lock-timeout=10s';

/**
 * The arguments of a step.
 *
 * @param step the command
 * @param destroy true to plan a destruction
 * @param engine which engine it is
 */
export function buildEngineArguments(
  step: EngineStep,
  destroy: boolean,
  engine: RunSpec['engine'] = 'opentofu',
): string[] {
  switch (step) {
    case 'init':
      // Terraform knows it here from 1.9 on only; all it loses is the form of its errors.
      return ['init', '-input=false', '-no-color', ...(engine === 'opentofu' ? ['-json'] : [])];
    case 'plan':
      return planInto(PLAN_FILE, destroy);
    case 'recheck':
      return planInto(RECHECK_FILE, destroy);
    case 'show':
      return ['show', '-json', PLAN_FILE];
    case 'show-recheck':
      return ['show', '-json', RECHECK_FILE];
    case 'print':
      return ['show', '-no-color', PLAN_FILE];
    case 'apply':
      return ['apply', '-input=false', '-json', LOCK_TIMEOUT, PLAN_FILE];
  }
}

function planInto(file: string, destroy: boolean): string[] {
  return [
    'plan',
    '-input=false',
    '-json',
    LOCK_TIMEOUT,
    `-var-file=${VARIABLES_FILE}`,
    `-out=${file}`,
    ...(destroy ? ['-destroy'] : []),
  ];
}
