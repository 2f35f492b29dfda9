import { LABELS, MANAGED_BY } from '../../crds/constants.ts';
import type { Secret } from '../../lib/kube/objects.ts';

/** Secret type of everything that only the platform can read. */
export const SEALED_SECRET_TYPE = 'quartermaster.dev/sealed';

/** What a stored object is and whose. */
export interface SealedSecretOptions {
  namespace: string;
  name: string;
  component: string;
  requestUid: string;
}

/** Labels by which everything of a request is found, also at its end. */
export function buildStoredLabels(component: string, requestUid: string): Record<string, string> {
  return {
    [LABELS.managedBy]: MANAGED_BY,
    [LABELS.component]: component,
    [LABELS.requestUid]: requestUid,
  };
}

/** A Secret around bytes that are sealed already, or that need no seal. */
export function buildStoredSecret(
  options: SealedSecretOptions,
  data: Record<string, Buffer>,
): Secret {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: {
      namespace: options.namespace,
      name: options.name,
      labels: buildStoredLabels(options.component, options.requestUid),
    },
    type: SEALED_SECRET_TYPE,
    data: Object.fromEntries(
      Object.entries(data).map(([key, bytes]) => [key, bytes.toString('base64')]),
    ),
  };
}

/** Bytes of one key of a Secret as it was read. */
export function readSecretBytes(secret: Secret, key: string): Buffer | undefined {
  const text = secret.data?.[key];
  return text === undefined ? undefined : Buffer.from(text, 'base64');
}
