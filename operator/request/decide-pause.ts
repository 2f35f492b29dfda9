import { ANNOTATIONS } from '../../crds/constants.ts';
import type { RequestDecision } from './decision.ts';
import type { RequestObservation } from './observation.ts';

/** A paused request starts nothing; what is in progress is still recorded. */
export function isPaused({ request }: RequestObservation): RequestDecision | undefined {
  return request.metadata.annotations?.[ANNOTATIONS.paused] === 'true'
    ? { kind: 'paused' }
    : undefined;
}
