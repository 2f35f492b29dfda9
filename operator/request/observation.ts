import type { ApprovalClaims } from '../../crds/approval.ts';
import type { ResourceClassSpec } from '../../crds/resource-class.ts';
import type { ResourceRequest } from '../../crds/resource-request.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import type { KubeObject, Secret } from '../../lib/kube/objects.ts';
import type { ResourceType } from '../../lib/kube/resource-types.ts';
import type { Project } from '../read-project.ts';
import type { PlanProblem } from '../state/judge-plan.ts';
import type { ParametersVerdict } from '../class/parameters-schema.ts';

/** The class that a request names, as it can be used now. */
export type ClassView =
  | { kind: 'missing' }
  /** The class controller has not looked at this generation yet. */
  | { kind: 'unchecked' }
  | { kind: 'invalid'; message: string }
  | {
      kind: 'ready';
      digest: string;
      revisionName: string;
      spec: Pick<ResourceClassSpec, 'approval' | 'deletionPolicy' | 'drift'>;
      /** The request's parameters, judged by this class. */
      parameters: ParametersVerdict;
    };

/** The approval inside a request, as far as cryptography can judge it. */
export type ApprovalEvidence =
  | { kind: 'none' }
  | { kind: 'unbelievable'; message: string }
  | {
      kind: 'signed';
      claims: ApprovalClaims;
      /** Uid of the resource that used this approval, if one did. */
      usedBy: string | undefined;
    };

/** The plan that the approval is bound to. */
export interface ApprovedPlan {
  planDigest: string;
  /** Why it may not be applied, if it may not. */
  problem: PlanProblem | undefined;
}

/** The Secret with the credentials, compared with what it should be. */
export type CredentialsView =
  /** Nothing is applied, so there are none. */
  | { kind: 'not-provisioned' }
  /** The class has no credentials. */
  | { kind: 'not-needed' }
  /** The outputs of the applied run cannot be found. */
  | { kind: 'lost' }
  /** We have no rights on Secrets in the namespace of the request. */
  | { kind: 'forbidden' }
  | { kind: 'current'; name: string }
  | { kind: 'stale'; desired: Secret; actual: Secret | undefined }
  /** There is a Secret of that name, and it is not ours. */
  | { kind: 'foreign'; name: string };

/** An object that must go with the request. */
export interface Leftover {
  type: ResourceType;
  object: KubeObject;
}

/** Everything that a decision about a ResourceRequest rests on. */
export interface RequestObservation {
  request: ResourceRequest;
  /** The run that has applied what the request shows as applied, where its status does not say so yet. */
  unrecorded?: ResourceRun | undefined;
  resourceClass: ClassView;
  approval: ApprovalEvidence;
  /** Only looked at where the approval may start a run. */
  approvedPlan?: ApprovedPlan | undefined;
  /** Only looked at where an approval may start a run, which then has not to wait for it. */
  project?: Project | undefined;
  /** While the request is being deleted: the rule by which that is approved, where one is needed. */
  deletionRule?: ResourceClassSpec['approval'] | undefined;
  /** All runs of this request, by its uid. */
  runs: ResourceRun[];
  credentials: CredentialsView;
  /** Public outputs of what is applied; undefined when they were not read. */
  publicOutputs: Record<string, unknown> | undefined;
  /** Only looked for while the request is being deleted. */
  leftovers: Leftover[];
  now: Date;
  /** From 0 to 1, so that retries of many requests do not meet. */
  jitter: number;
}
