import { API_VERSION, LABELS, MANAGED_BY } from '../../crds/constants.ts';
import type { ResourceRequest } from '../../crds/resource-request.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { OPERATOR_ANNOTATIONS } from '../constants.ts';
import type { Project } from '../read-project.ts';
import type { PlannedRun } from './decision.ts';

/** Where the run goes, and for whom. */
export interface RunContext {
  runsNamespace: string;
  /** Labels of the request's namespace, which only the platform can set. */
  project: Project;
}

/** The ResourceRun of a plan. It has no owner: a request in another namespace cannot be one. */
export function buildRun(
  request: ResourceRequest,
  plan: PlannedRun,
  context: RunContext,
): ResourceRun {
  const { name, namespace = '', uid = '' } = request.metadata;
  const { organization, project } = context.project;
  return {
    apiVersion: API_VERSION,
    kind: 'ResourceRun',
    metadata: {
      name: plan.name,
      namespace: context.runsNamespace,
      labels: {
        [LABELS.managedBy]: MANAGED_BY,
        [LABELS.component]: 'run',
        [LABELS.requestUid]: uid,
        [LABELS.requestName]: name,
        [LABELS.requestNamespace]: namespace,
        [LABELS.className]: request.spec.className,
        ...(organization === undefined ? {} : { [LABELS.organization]: organization }),
        ...(project === undefined ? {} : { [LABELS.project]: project }),
      },
      annotations: buildAnnotations(plan),
    },
    spec: {
      requestRef: { namespace, name, uid },
      action: plan.action,
      attempt: plan.attempt,
      classRevision: plan.classRevision,
      parameters: plan.parameters,
      inputsDigest: plan.inputsDigest,
      ...(plan.planDigest === undefined ? {} : { planDigest: plan.planDigest }),
      ...(plan.destroys === true ? { destroys: true } : {}),
    },
  };
}

function buildAnnotations(plan: PlannedRun): Record<string, string> {
  return {
    [OPERATOR_ANNOTATIONS.sequence]: String(plan.sequence),
    [OPERATOR_ANNOTATIONS.classDigest]: plan.classDigest,
    [OPERATOR_ANNOTATIONS.deletionPolicy]: plan.deletionPolicy,
    ...(plan.rotation === undefined ? {} : { [OPERATOR_ANNOTATIONS.rotation]: plan.rotation }),
    ...(plan.repair === undefined ? {} : { [OPERATOR_ANNOTATIONS.repair]: String(plan.repair) }),
    ...(plan.drift === undefined ? {} : { [OPERATOR_ANNOTATIONS.drift]: plan.drift }),
    ...(plan.answers === undefined ? {} : { [OPERATOR_ANNOTATIONS.answers]: plan.answers }),
  };
}
