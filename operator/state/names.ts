import { RUN_LOG_COMPONENT } from '../../crds/run-log.ts';
import { RUN_PLAN_COMPONENT } from '../../crds/run-plan.ts';

/** Values of the component label of what is stored for a request. */
export const COMPONENTS = {
  stateIndex: 'state-index',
  stateChunk: 'state-chunk',
  stateLock: 'state-lock',
  outputs: 'outputs',
  generated: 'generated',
  identity: 'identity',
  runLog: RUN_LOG_COMPONENT,
  plan: 'plan',
  planChunk: 'plan-chunk',
  runPlan: RUN_PLAN_COMPONENT,
  keys: 'keys',
} as const;

/** Secret with the keys that everything stored is sealed with. */
export const STATE_KEY_SECRET = 'quartermaster-state-key';

/** Secret that names the chunks of a request's state. */
export function stateIndexName(requestUid: string): string {
  return `state-${requestUid}`;
}

/** Lease that is the lock on a request's state. */
export function stateLockName(requestUid: string): string {
  return `state-${requestUid}`;
}

/**
 * Secret with one chunk. The writer, a random word for each writing, is part of the name, so that
 * a writer that lost its lock can never touch a chunk of its successor.
 */
export function stateChunkName(
  requestUid: string,
  version: { number: number; writer: string },
  chunk: number,
): string {
  return `state-${requestUid}-${version.number}-${version.writer}-${chunk}`;
}

/** Secret with the record of a saved plan. */
export function planName(planDigest: string): string {
  return `plan-${planDigest.replace('sha256:', '')}`;
}

/** Secret with one sealed piece of a saved plan. */
export function planChunkName(planDigest: string, chunk: number): string {
  return `${planName(planDigest)}-${chunk}`;
}

/** Secret with the sealed outputs of a request. */
export function outputsName(requestUid: string): string {
  return `outputs-${requestUid}`;
}

/** Secret with the sealed generated values of a request. */
export function generatedName(requestUid: string): string {
  return `generated-${requestUid}`;
}

/** Secret that says what modules know a request by. */
export function identityName(requestUid: string): string {
  return `identity-${requestUid}`;
}
