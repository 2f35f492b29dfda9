import { inputsDigest } from '../../../crds/approval.ts';
import { API_VERSION, FINALIZER } from '../../../crds/constants.ts';
import { resourceClassSpecSchema } from '../../../crds/resource-class.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import type { ResourceRun } from '../../../crds/resource-run.ts';
import { OPERATOR_ANNOTATIONS } from '../../../operator/constants.ts';
import type {
  ApprovalEvidence,
  ClassView,
  RequestObservation,
} from '../../../operator/request/observation.ts';

/** The moment of all decisions in these tests. */
export const NOW = new Date('2026-01-01T12:00:00Z');
/** Digest of the class in these tests. */
export const CLASS_DIGEST = 'sha256:class';

/** Digest of a request `team/db` of that class. */
export function digestOf(
  parameters: Record<string, unknown> = {},
  deletionPolicy?: 'Delete' | 'Retain',
): string {
  return inputsDigest({
    classDigest: CLASS_DIGEST,
    namespace: 'team',
    name: 'db',
    parameters,
    deletionPolicy,
  });
}

/** A request as it stands after its first visit. */
export function buildRequest(
  changes: {
    metadata?: Partial<ResourceRequest['metadata']>;
    spec?: Partial<ResourceRequest['spec']>;
    status?: ResourceRequest['status'];
  } = {},
): ResourceRequest {
  return {
    apiVersion: API_VERSION,
    kind: 'ResourceRequest',
    metadata: {
      name: 'db',
      namespace: 'team',
      uid: 'uid-1',
      generation: 1,
      finalizers: [FINALIZER],
      ...changes.metadata,
    },
    spec: { className: 'database', ...changes.spec },
    ...(changes.status === undefined ? {} : { status: changes.status }),
  };
}

/** The usable class. */
export function buildClassView(
  changes: Partial<Extract<ClassView, { kind: 'ready' }>> = {},
): ClassView {
  const spec = resourceClassSpecSchema.parse({
    title: 'Database',
    module: { source: './modules/database' },
    parameters: { type: 'object' },
    approval: { preview: 'Skipped' },
  });
  return {
    kind: 'ready',
    digest: CLASS_DIGEST,
    revisionName: 'database-1',
    spec,
    parameters: { valid: true, parameters: { size: 1 } },
    ...changes,
  };
}

/** An approval of what {@link buildRequest} asks for, used by it already. */
export function buildApproval(
  changes: {
    claims?: Partial<Extract<ApprovalEvidence, { kind: 'signed' }>['claims']>;
    usedBy?: string | undefined;
  } = {},
): ApprovalEvidence {
  const now = NOW.getTime() / 1000;
  return {
    kind: 'signed',
    claims: {
      iss: 'quartermaster',
      sub: 'user-1',
      jti: 'approval-1',
      request: 'team/db',
      class: CLASS_DIGEST,
      inputs: digestOf(),
      iat: now - 60,
      exp: now + 60,
      ...changes.claims,
    },
    usedBy: 'usedBy' in changes ? changes.usedBy : 'uid-1',
  };
}

/** A run of {@link buildRequest}. */
export function buildRequestRun(
  changes: {
    name?: string;
    action?: 'Plan' | 'Apply' | 'Destroy' | 'Check';
    outcome?: 'unfinished' | 'succeeded' | 'failed';
    sequence?: number;
    attempt?: number;
    inputs?: string;
    deletionPolicy?: string;
    answers?: string;
    rotation?: string;
    repair?: number;
    planDigest?: string;
    status?: ResourceRun['status'];
  } = {},
): ResourceRun {
  const { outcome = 'succeeded', sequence = 1 } = changes;
  const status = { unfinished: 'Unknown', succeeded: 'True', failed: 'False' } as const;
  const time = NOW.toISOString();
  return {
    apiVersion: API_VERSION,
    kind: 'ResourceRun',
    metadata: {
      name: changes.name ?? 'run-1',
      namespace: 'runs',
      uid: 'run-uid',
      annotations: {
        [OPERATOR_ANNOTATIONS.sequence]: String(sequence),
        [OPERATOR_ANNOTATIONS.classDigest]: CLASS_DIGEST,
        [OPERATOR_ANNOTATIONS.deletionPolicy]: changes.deletionPolicy ?? 'Delete',
        ...buildAnswers(changes),
        ...(changes.repair === undefined
          ? {}
          : { [OPERATOR_ANNOTATIONS.repair]: String(changes.repair) }),
      },
    },
    spec: {
      requestRef: { namespace: 'team', name: 'db', uid: 'uid-1' },
      action: changes.action ?? 'Apply',
      attempt: changes.attempt ?? 1,
      classRevision: 'database-1',
      parameters: { size: 1 },
      inputsDigest: changes.inputs ?? digestOf(),
      planDigest: changes.planDigest,
    },
    status: {
      ...changes.status,
      conditions: [
        {
          type: 'Succeeded',
          status: status[outcome],
          reason: 'Test',
          message: '',
          lastTransitionTime: time,
        },
      ],
    },
  };
}

function buildAnswers({
  answers,
  rotation,
}: {
  answers?: string;
  rotation?: string;
}): Record<string, string> {
  return {
    ...(answers === undefined ? {} : { [OPERATOR_ANNOTATIONS.answers]: answers }),
    ...(rotation === undefined ? {} : { [OPERATOR_ANNOTATIONS.rotation]: rotation }),
  };
}

/** `status.applied` after {@link buildRequestRun}. */
export function applied(name = 'run-1'): NonNullable<ResourceRequest['status']>['applied'] {
  return { inputsDigest: digestOf(), classRevision: 'database-1', run: name };
}

/** An observation of an approved request that was never run. */
export function buildObservation(changes: Partial<RequestObservation> = {}): RequestObservation {
  return {
    request: buildRequest(),
    resourceClass: buildClassView(),
    approval: buildApproval(),
    runs: [],
    credentials: { kind: 'not-provisioned' },
    publicOutputs: undefined,
    leftovers: [],
    now: NOW,
    jitter: 0,
    ...changes,
  };
}
