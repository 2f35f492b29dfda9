import type { ResourceRun } from '../../crds/resource-run.ts';
import type { Job, Pod } from './objects.ts';

/** What keeps a run from its begin. */
export interface StartProblem {
  reason: string;
  message: string;
}

/** Everything that a decision about a ResourceRun rests on. */
export interface RunObservation {
  run: ResourceRun;
  /** Whoever it is for. */
  request: 'present' | 'deleting' | 'gone';
  /** Whatever is there under its name. */
  job: Job | undefined;
  pods: Pod[];
  /** Why the Job has no pod, if the API server takes none. */
  refusal: StartProblem | undefined;
  /** Whether it is this run's turn, as long as it has no Job. */
  isItsTurn: boolean;
  now: Date;
}
