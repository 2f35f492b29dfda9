import type { ResourceRun } from '../crds/resource-run.ts';
import type { Visit } from './controller/controller.ts';

/** Hears what the operator does; for metrics. Nothing may depend on it. */
export interface OperatorObserver {
  /** A controller has looked at a key. */
  onVisit(visit: Visit): void;
  /** A list or watch of this kind failed and begins anew. */
  onWatchInterrupted(kind: string): void;
  /** A run was seen, as it is now. */
  onRun(run: ResourceRun): void;
  /** A run is gone. */
  onRunDeleted(run: ResourceRun): void;
}
