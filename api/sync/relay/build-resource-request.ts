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
