import { inputsDigest } from '../../../crds/approval.ts';
import { ANNOTATIONS, API_VERSION, LABELS, MANAGED_BY } from '../../../crds/constants.ts';
import type { ResourceRun } from '../../../crds/resource-run.ts';
import { digest } from '../../../lib/canonical-json.ts';

/** How much of a digest makes a name, as in the names of the operator's runs. */
const DIGEST_CHARACTERS = 12;

/** A plan that the api orders, and of which request. */
export interface OrderedPlan {
  /** The api's. */
  requestId: string;
  organizationSlug: string;
  projectSlug: string;
  /** Of the resource, which need not exist yet. */
  namespace: string;
  name: string;
  className: string;
  revision: number;
  attempt: number;
}

/** What is to be planned. */
export interface PlannedRevision extends OrderedPlan {
  resourceUid: string | null;
  classDigest: string;
  classRevision: string;
  parameters: Record<string, unknown>;
  deletionPolicy: 'Delete' | 'Retain' | null;
}

/** The name of a Plan run: the same order is the same run, however often it is carried over. */
export function planRunName({
  requestId,
  name,
  revision,
  attempt,
}: Pick<OrderedPlan, 'requestId' | 'name' | 'revision' | 'attempt'>): string {
  const suffix = digest({ requestId, action: 'Plan', revision, attempt })
    .replace(/^sha256:/, '')
    .slice(0, DIGEST_CHARACTERS);
  return `${name}-plan-${suffix}`;
}

/** What the run of an ordered plan is told besides. */
export interface PlannedWork {
  /** Of the resource, or the id of the request where there is none yet. */
  uid: string;
  spec: Pick<ResourceRun['spec'], 'classRevision' | 'inputsDigest' | 'parameters' | 'destroys'>;
  annotations?: Record<string, string>;
}

/** The Plan run that the api orders, in that namespace; its name says whose it is. */
export function buildOrderedRun(
  planned: OrderedPlan,
  { uid, spec, annotations }: PlannedWork,
  runsNamespace: string,
): ResourceRun {
  const { requestId, namespace, name, revision, attempt } = planned;
  return {
    apiVersion: API_VERSION,
    kind: 'ResourceRun',
    metadata: {
      name: planRunName(planned),
      namespace: runsNamespace,
      labels: labelsOf(planned, uid),
      annotations: {
        [ANNOTATIONS.requestId]: requestId,
        [ANNOTATIONS.requestRevision]: String(revision),
        ...annotations,
      },
    },
    spec: { requestRef: { namespace, name, uid }, action: 'Plan', attempt, ...spec },
  };
}

/**
 * The Plan run of a revision. It is bound to the same digest as the approval and as what the
 * operator computes of the resource later. Parameters are those that were asked for: the run API
 * completes them with the defaults of the class, as it does for every run.
 *
 * @param runsNamespace where it goes
 */
export function buildPlanRun(planned: PlannedRevision, runsNamespace: string): ResourceRun {
  const { requestId, namespace, name, resourceUid, classRevision, parameters } = planned;
  const bound = inputsDigest({
    ...{ classDigest: planned.classDigest, namespace, name, parameters },
    deletionPolicy: planned.deletionPolicy ?? undefined,
  });
  const spec = { classRevision, parameters, inputsDigest: bound };
  return buildOrderedRun(planned, { uid: resourceUid ?? requestId, spec }, runsNamespace);
}

/** As the operator labels its own, so that lists, shares and figures know no difference. */
function labelsOf(planned: OrderedPlan, uid: string): Record<string, string> {
  return {
    [LABELS.managedBy]: MANAGED_BY,
    [LABELS.component]: 'run',
    [LABELS.requestUid]: uid,
    [LABELS.requestName]: planned.name,
    [LABELS.requestNamespace]: planned.namespace,
    [LABELS.className]: planned.className,
    [LABELS.organization]: planned.organizationSlug,
    [LABELS.project]: planned.projectSlug,
  };
}
