import type { ResourceClass, ResourceClassSpec } from '../../crds/resource-class.ts';
import type { ResourceRequest } from '../../crds/resource-request.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import type { Clock } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import type { EventRecorder } from '../../lib/kube/event-recorder.ts';
import type { PlanRecord } from '../state/plan-record.ts';
import type { ObjectCache, OwnWrites } from '../own-writes.ts';
import type { ApprovalKeys } from './approval-keys.ts';
import type { ApprovalLedger } from './approval-ledger.ts';
import type { ClassParameters } from './class-parameters.ts';
import type { CredentialsMemo } from './credentials-memo.ts';
import type { SecretWatch } from './secret-watch.ts';

/** What the request controller sees from memory. */
export interface RequestCaches {
  requests: OwnWrites<ResourceRequest>;
  classes: ObjectCache<ResourceClass>;
  runs: OwnWrites<ResourceRun>;
  /** The runs of a request, by its uid. */
  runsOf(requestUid: string): ResourceRun[];
}

/** Outputs of the last apply, and which of them the module calls sensitive. */
export interface AppliedOutputs {
  values: Record<string, unknown>;
  sensitive: string[];
}

/** What is kept for requests in the runs namespace. */
export interface RequestStores {
  readOutputs(requestUid: string): Promise<AppliedOutputs | undefined>;
  readRevision(name: string): Promise<ResourceClassSpec | undefined>;
  /** A saved plan by its digest; `altered` when it is not what it was. */
  findPlan(planDigest: string): Promise<PlanRecord | 'altered' | undefined>;
  /** Number of the version that is the state; 0 when there is none. */
  readStateVersion(requestUid: string): Promise<number>;
  /** Deletes everything stored for a request. */
  removeAll(requestUid: string): Promise<void>;
}

/** What the request controller works with. */
export interface RequestReconcilerDeps {
  client: KubeClient;
  clock: Clock;
  caches: RequestCaches;
  stores: RequestStores;
  approvals: { keys: ApprovalKeys; ledger: ApprovalLedger };
  parameters: ClassParameters;
  secrets: SecretWatch;
  agreed: CredentialsMemo;
  events: EventRecorder;
  runsNamespace: string;
  /** From 0 to 1; `Math.random` outside of tests. */
  random: () => number;
}
