import type { Drift } from '../../crds/drift.ts';
import type { FailureType } from '../../crds/failure.ts';
import type { RunAction } from '../../crds/resource-request.ts';
import type { PlanView } from '../../crds/run-plan.ts';
import type { PlanFingerprints } from './compare-plans.ts';

/** The file in the runner's pod: where the run API is, how to trust it, and who we are. */
export interface RunAccess {
  /** Address of the run API, without a path. */
  url: string;
  /** Certificate of its authority, PEM. */
  ca: string;
  /** Good for this run alone. */
  token: string;
  /** Name of the ResourceRun. */
  run: string;
}

/** Everything a runner needs to know; `GET /v1/runs/{run}`. */
export interface RunSpec {
  run: string;
  action: RunAction;
  /** Of a Plan: that of a destruction. */
  destroys?: boolean;
  engine: 'opentofu' | 'terraform';
  module: { source: string; version?: string | undefined };
  /** Inputs of the module, defaults and generated values included. */
  variables: Record<string, unknown>;
  /** Names of variables whose values are secret. */
  sensitiveVariables: string[];
  /** Module outputs that are wanted back. */
  outputs: string[];
  /** Values that no log may show: generated ones, and sensitive outputs of earlier runs. */
  masks: string[];
  /** The saved plan that is to be applied, and nothing else. */
  savedPlan?: SavedPlan | undefined;
  timeouts: { planSeconds: number; applySeconds: number; destroySeconds: number };
}

/** What a runner needs to know about a plan that another run has made. */
export interface SavedPlan {
  digest: string;
  /** The plan file, base64; only in the answer to a start. */
  file?: string | undefined;
  /** Text of the providers' lock file; empty when the plan needs no provider. */
  lockFile: string;
  /** Version of the state that it was made on, which is still the state; 0 when there is none. */
  stateVersion?: number | undefined;
  /** What stood where when it was made. */
  fingerprints: PlanFingerprints;
  /** What the engine had installed for it; absent where that has to be installed anew. */
  installation?: Installation | undefined;
}

/**
 * What an `init` leaves in its folder, where it is nothing but links into the image and short texts; by
 * path below the folder.
 */
export interface Installation {
  /** Absolute paths that links lead to. */
  links: Record<string, string>;
  files: Record<string, string>;
}

/** What a Plan run hands over; `POST /v1/runs/{run}/plan`. */
export interface PlanUpload {
  /** The plan file, base64. */
  file: string;
  lockFile: string;
  installation?: Installation | undefined;
  fingerprints: PlanFingerprints;
  changes: Changes;
  view: PlanView;
}

/** Counts of a plan or an apply. */
export interface Changes {
  add: number;
  change: number;
  destroy: number;
}

/** Why a run failed; the message is masked and bounded. */
export interface RunFailure {
  type: FailureType;
  message: string;
}

/** What a run ended with; `POST /v1/runs/{run}/result`. */
export interface RunResult {
  outcome: 'succeeded' | 'failed';
  outputs?: RunOutputs;
  changes?: Changes;
  /** Of the plan that was handed over. */
  planDigest?: string;
  /** What a Check found. */
  drift?: Drift;
  failure?: RunFailure;
  /** The end of the log, so that it needs no call of its own. */
  log?: LogPart;
}

/** A part of a log. */
export interface LogPart {
  /** Its place, from 0. */
  sequence: number;
  /** Whole lines, masked. */
  text: string;
}

/** Outputs of the module. */
export interface RunOutputs {
  values: Record<string, unknown>;
  /** Names of those that the module itself calls sensitive. */
  sensitive: string[];
}

/** How a runner says which one it is: the user name of its basic authentication. */
export type RunnerInstance = string;
