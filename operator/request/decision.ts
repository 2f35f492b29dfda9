import type { ApprovalClaims } from '../../crds/approval.ts';
import type { Failure } from '../../crds/failure.ts';
import type { RunAction } from '../../crds/resource-request.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import type { Secret } from '../../lib/kube/objects.ts';
import type { Leftover } from './observation.ts';

/** A run that should be made; everything in it is recorded in the ResourceRun. */
export interface PlannedRun {
  name: string;
  action: RunAction;
  attempt: number;
  sequence: number;
  classRevision: string;
  classDigest: string;
  inputsDigest: string;
  parameters: Record<string, unknown>;
  deletionPolicy: 'Delete' | 'Retain';
  planDigest: string | undefined;
  /** Of a Plan: that of a destruction. */
  destroys?: boolean | undefined;
  /** Value of the reconcile-at annotation that it answers. */
  answers: string | undefined;
  /** The rotation of its secret values that it is made for: value of the rotate-at annotation. */
  rotation: string | undefined;
  /** Which one in a row it is of those that put drift right. */
  repair?: number | undefined;
  /** Of a plan that puts drift right: digest of what has drifted. */
  drift?: string | undefined;
  /** The one automatic retry after a failure. */
  isRetry: boolean;
}

/** Reasons for which work waits, as conditions show them. */
export type WaitingReason =
  | 'ClassNotFound'
  | 'ClassInvalid'
  | 'ParametersInvalid'
  | 'AwaitingApproval'
  | 'ApprovalInvalid'
  | 'ApprovalExpired'
  | 'ApprovalOutdated'
  | 'PlanFailed';

/** What is to be done about a ResourceRequest: one step each, then it is looked at again. */
export type RequestDecision =
  | { kind: 'ignore' }
  | { kind: 'add-finalizer' }
  | { kind: 'await-class' }
  /** Something stands in the way; a person or another object has to change. */
  | {
      kind: 'wait';
      reason: WaitingReason;
      message: string;
      /** The plan that is to be decided about. */
      plan?: ResourceRun;
      /** Of a plan that could not be made. */
      failure?: Failure;
    }
  | { kind: 'paused' }
  /** Writes down that the approval is used by this resource. */
  | { kind: 'bind-approval'; claims: ApprovalClaims }
  /** Writes the intention into the status. */
  | { kind: 'intend-run'; run: PlannedRun; approval: ApprovalClaims | undefined }
  /** Makes the run that stands in the status. */
  | { kind: 'create-run'; run: PlannedRun }
  /** The run in the status was never made, and no longer should be. */
  | { kind: 'drop-intention' }
  | { kind: 'await-run'; action: RunAction; run: ResourceRun }
  /** Takes a check back that has not begun. */
  | { kind: 'withdraw-check'; run: ResourceRun }
  | { kind: 'record-run'; run: ResourceRun; failure: Failure | undefined }
  | { kind: 'write-credentials'; desired: Secret; actual: Secret | undefined }
  /** What was approved is what runs. */
  | { kind: 'idle' }
  | { kind: 'failed'; failure: Failure }
  | { kind: 'protected' }
  /** What was made stays, by the deletion policy. */
  | { kind: 'retain' }
  | { kind: 'delete-leftovers'; leftovers: Leftover[] }
  | { kind: 'remove-finalizer' }
  | { kind: 'destroy-failed'; failure: Failure };
