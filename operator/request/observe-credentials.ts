import type { ResourceClassSpec } from '../../crds/resource-class.ts';
import type { ResourceRequest } from '../../crds/resource-request.ts';
import { ForbiddenError } from '../../lib/kube/errors.ts';
import type { Secret } from '../../lib/kube/objects.ts';
import { buildCredentialsSecret, pickPublicOutputs } from '../credentials/build-secret.ts';
import { isOwnSecret, isSameSecret } from '../credentials/compare-secret.ts';
import type { RequestReconcilerDeps } from './deps.ts';
import { credentialsSecretName } from './names.ts';
import type { CredentialsView, RequestObservation } from './observation.ts';

type Seen = Pick<RequestObservation, 'credentials' | 'publicOutputs'>;

/** Compares the Secret with what the outputs of the applied run say it should be. */
export async function observeCredentials(
  deps: RequestReconcilerDeps,
  request: ResourceRequest,
): Promise<Seen> {
  const revision = request.status?.applied?.classRevision;
  if (revision === undefined) return unseen({ kind: 'not-provisioned' });
  const spec = await deps.stores.readRevision(revision);
  if (spec === undefined) return unseen({ kind: 'lost' });
  if (!hasOutputs(spec)) return unseen({ kind: 'not-needed' });
  const outputs = await deps.stores.readOutputs(request.metadata.uid ?? '');
  if (outputs === undefined) return unseen({ kind: 'lost' });
  return {
    credentials: await compareSecret(deps, request, spec, outputs.values),
    publicOutputs: pickPublicOutputs(spec, outputs.values, outputs.sensitive),
  };
}

async function compareSecret(
  deps: RequestReconcilerDeps,
  request: ResourceRequest,
  spec: ResourceClassSpec,
  outputs: Record<string, unknown>,
): Promise<CredentialsView> {
  if ((spec.outputs?.credentials ?? []).length === 0) return { kind: 'not-needed' };
  const { name, namespace = '', uid = '' } = request.metadata;
  const secretName = credentialsSecretName(name);
  const desired = buildCredentialsSecret(
    { secretName, request: { name, namespace, uid }, className: request.spec.className },
    spec,
    outputs,
  );
  try {
    return compare(desired, await deps.secrets.get({ namespace, name: secretName }), uid);
  } catch (error) {
    if (error instanceof ForbiddenError) return { kind: 'forbidden' };
    throw error;
  }
}

function compare(desired: Secret, actual: Secret | undefined, uid: string): CredentialsView {
  const { name } = desired.metadata;
  if (actual === undefined) return { kind: 'stale', desired, actual };
  if (!isOwnSecret(actual, uid)) return { kind: 'foreign', name };
  return isSameSecret(desired, actual)
    ? { kind: 'current', name }
    : { kind: 'stale', desired, actual };
}

function hasOutputs({ outputs }: ResourceClassSpec): boolean {
  return (outputs?.credentials ?? []).length > 0 || (outputs?.public ?? []).length > 0;
}

function unseen(credentials: CredentialsView): Seen {
  return { credentials, publicOutputs: undefined };
}
