import { deletionDigest, inputsDigest } from '../../crds/approval.ts';
import { ANNOTATIONS } from '../../crds/constants.ts';
import type { RunAction } from '../../crds/resource-request.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { OPERATOR_ANNOTATIONS } from '../constants.ts';
import type { PlannedRun } from './decision.ts';
import { runName } from './names.ts';
import type { ClassView, RequestObservation } from './observation.ts';
import { dueRotation, runRotation } from './rotation.ts';
import { lastRun, runSequence } from './runs.ts';

/** What a run is made from, before it has a name. */
type RunContent = Pick<
  PlannedRun,
  | 'classRevision'
  | 'classDigest'
  | 'inputsDigest'
  | 'parameters'
  | 'deletionPolicy'
  | 'planDigest'
  | 'rotation'
  | 'destroys'
>;

/** Digest of what the request asks for now, with a class of that digest. */
export function currentInputs(observation: RequestObservation, classDigest: string): string {
  const { metadata, spec } = observation.request;
  return inputsDigest({
    classDigest,
    namespace: metadata.namespace ?? '',
    name: metadata.name,
    parameters: spec.parameters,
    deletionPolicy: spec.deletionPolicy,
  });
}

/** Digest of the destruction of everything that the request has made. */
export function currentDeletion({ request }: RequestObservation): string {
  const { namespace = '', name, uid = '' } = request.metadata;
  return deletionDigest({ namespace, name, uid });
}

/** The Apply run of what the request asks for now. */
export function planApply(
  observation: RequestObservation,
  target: Extract<ClassView, { kind: 'ready' }>,
  input: { parameters: Record<string, unknown>; planDigest: string | undefined; isRetry: boolean },
): PlannedRun {
  const { isRetry, ...rest } = input;
  return planRun(observation, 'Apply', isRetry, {
    ...rest,
    // A plan that was approved brings the secret values that it was made with.
    rotation:
      input.planDigest === undefined
        ? dueRotation(observation.request, observation.now)
        : undefined,
    classRevision: target.revisionName,
    classDigest: target.digest,
    inputsDigest: currentInputs(observation, target.digest),
    deletionPolicy: observation.request.spec.deletionPolicy ?? target.spec.deletionPolicy,
  });
}

/**
 * The Destroy run of what a run has made: from that run's own record, because the request may have
 * been edited and the class may be gone. One that is bound to a plan does what that plan says.
 */
export function planDestroy(
  observation: RequestObservation,
  made: ResourceRun,
  { planDigest, isRetry }: { planDigest: string | undefined; isRetry: boolean },
): PlannedRun {
  const content = { ...recordOf(made), rotation: runRotation(made) };
  return planRun(
    observation,
    'Destroy',
    isRetry,
    planDigest === undefined
      ? content
      : { ...content, planDigest, inputsDigest: currentDeletion(observation) },
  );
}

/** The Plan run of destroying what a run has made. */
export function planDestroyPreview(observation: RequestObservation, made: ResourceRun): PlannedRun {
  return planRun(observation, 'Plan', false, {
    ...recordOf(made),
    rotation: runRotation(made),
    inputsDigest: currentDeletion(observation),
    destroys: true,
  });
}

/** The Apply run that does what a run has done once more, from that run's own record. */
export function planReapply(
  observation: RequestObservation,
  made: ResourceRun,
  isRetry: boolean,
): PlannedRun {
  const rotation = dueRotation(observation.request, observation.now);
  return planRun(observation, 'Apply', isRetry, { ...recordOf(made), rotation });
}

/**
 * The Plan run of what the request asks for now. It rotates nothing: that is done on top of what was
 * approved, and is nothing new.
 */
export function planPreview(
  observation: RequestObservation,
  target: Extract<ClassView, { kind: 'ready' }>,
  parameters: Record<string, unknown>,
): PlannedRun {
  const input = { parameters, planDigest: undefined, isRetry: false };
  const apply = planApply(observation, target, input);
  return planRun(observation, 'Plan', false, { ...apply, rotation: undefined });
}

/** The Check run of what a run has made: whether it still stands as that run left it. */
export function planCheck(observation: RequestObservation, made: ResourceRun): PlannedRun {
  return planRun(observation, 'Check', false, { ...recordOf(made), rotation: undefined });
}

/** The deletion policy as it was approved; an edit that nobody approved changes nothing. */
export function recordedDeletionPolicy(run: ResourceRun): 'Delete' | 'Retain' {
  return run.metadata.annotations?.[OPERATOR_ANNOTATIONS.deletionPolicy] === 'Retain'
    ? 'Retain'
    : 'Delete';
}

function recordOf(made: ResourceRun): Omit<RunContent, 'rotation'> {
  return {
    classRevision: made.spec.classRevision,
    classDigest: made.metadata.annotations?.[OPERATOR_ANNOTATIONS.classDigest] ?? '',
    inputsDigest: made.spec.inputsDigest,
    parameters: made.spec.parameters ?? {},
    deletionPolicy: recordedDeletionPolicy(made),
    planDigest: undefined,
  };
}

function planRun(
  { request, runs }: RequestObservation,
  action: RunAction,
  isRetry: boolean,
  content: RunContent,
): PlannedRun {
  const attempts = runs
    .filter(({ spec }) => spec.action === action && spec.inputsDigest === content.inputsDigest)
    .map(({ spec }) => spec.attempt);
  const attempt = Math.max(0, ...attempts) + 1;
  const last = lastRun(runs);
  return {
    ...content,
    action,
    attempt,
    isRetry,
    name: runName({
      requestUid: request.metadata.uid ?? '',
      requestName: request.metadata.name,
      action,
      inputsDigest: content.inputsDigest,
      attempt,
    }),
    sequence: last === undefined ? 1 : runSequence(last) + 1,
    answers: request.metadata.annotations?.[ANNOTATIONS.reconcileAt],
  };
}
