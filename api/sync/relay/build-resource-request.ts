import { ANNOTATIONS, API_VERSION, LABELS, MANAGED_BY } from '../../../crds/constants.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';

/** What a request wants in Kubernetes: the revision in force, under the name it always has. */
export interface WantedResource {
  requestId: string;
  namespace: string;
  name: string;
  /** Of the resource as it was first seen; undefined before that. */
  uid: string | undefined;
  className: string;
  parameters: Record<string, unknown>;
  requestedBy: { id: string; name: string } | undefined;
  /** Compact JWS; undefined where the class approves automatically. */
  approval: string | undefined;
}

/**
 * The fields of the custom resource that the api owns.
 *
 * The uid is a precondition: with it, server-side apply never brings back a resource that was
 * deleted meanwhile, it answers 409.
 */
export function buildResourceRequest(wanted: WantedResource): ResourceRequest {
  return {
    apiVersion: API_VERSION,
    kind: 'ResourceRequest',
    metadata: {
      namespace: wanted.namespace,
      name: wanted.name,
      ...(wanted.uid === undefined ? {} : { uid: wanted.uid }),
      labels: { [LABELS.managedBy]: MANAGED_BY },
      annotations: { [ANNOTATIONS.requestId]: wanted.requestId },
    },
    spec: {
      className: wanted.className,
      parameters: wanted.parameters,
      ...(wanted.requestedBy === undefined ? {} : { requestedBy: wanted.requestedBy }),
      ...(wanted.approval === undefined ? {} : { approval: wanted.approval }),
    },
  };
}

/** What the api has to say about a resource that was made in the cluster. */
export interface ImportedDecision {
  namespace: string;
  name: string;
  uid: string | undefined;
  approval: string | undefined;
  /** Why it does not go on; undefined where it does. */
  note: string | undefined;
}

/**
 * The fields that the api owns of a resource that it did not make: the approval, and what it has
 * to say. Everything else is its maker's, so their tool sees no difference.
 */
export function buildDecision(
  decision: ImportedDecision,
): Pick<ResourceRequest, 'apiVersion' | 'kind' | 'metadata'> & { spec?: { approval: string } } {
  const { namespace, name, uid, approval, note } = decision;
  return {
    apiVersion: API_VERSION,
    kind: 'ResourceRequest',
    metadata: {
      ...{ namespace, name },
      ...(uid === undefined ? {} : { uid }),
      ...(note === undefined ? {} : { annotations: { [ANNOTATIONS.decision]: note } }),
    },
    ...(approval === undefined ? {} : { spec: { approval } }),
  };
}
