import type { ResourceClassSpec } from '../../crds/resource-class.ts';
import type { ResourceRequest } from '../../crds/resource-request.ts';
import { ForbiddenError } from '../../lib/kube/errors.ts';
import type { Secret } from '../../lib/kube/objects.ts';
import { buildCredentialsSecret, pickPublicOutputs } from '../credentials/build-secret.ts';
import { isOwnSecret, isSameSecret } from '../credentials/compare-secret.ts';
import type { AppliedOutputs, RequestReconcilerDeps } from './deps.ts';
import { credentialsSecretName } from './names.ts';
import type { CredentialsView, RequestObservation } from './observation.ts';

type Seen = Pick<RequestObservation, 'credentials' | 'publicOutputs'>;

/** A request, and its class as it was applied. */
interface Applied {
  request: ResourceRequest;
  spec: ResourceClassSpec;
}

/** What is there under the name of the Secret, as far as we may look. */
type Found = { isForbidden: true } | { isForbidden: false; secret: Secret | undefined };

/**
 * Compares the Secret with what the outputs of the applied run say it should be. Where both are as
 * they were when they agreed, nothing is read or decrypted.
 */
export async function observeCredentials(
  deps: RequestReconcilerDeps,
  request: ResourceRequest,
): Promise<Seen> {
  const revision = request.status?.applied?.classRevision;
  if (revision === undefined) return unseen({ kind: 'not-provisioned' });
  const spec = await deps.stores.readRevision(revision);
  if (spec === undefined) return unseen({ kind: 'lost' });
  return hasOutputs(spec)
    ? compareWithSecret(deps, { request, spec })
    : unseen({ kind: 'not-needed' });
}

async function compareWithSecret(deps: RequestReconcilerDeps, applied: Applied): Promise<Seen> {
  const { request } = applied;
  const { uid = '' } = request.metadata;
  if (!deps.agreed.knows(uid)) {
    const reads = [findSecret(deps, applied), deps.stores.readOutputs(uid)] as const;
    return compareOutputs(deps, applied, ...(await Promise.all(reads)));
  }
  const found = await findSecret(deps, applied);
  const publicOutputs = request.status?.outputs;
  if (!found.isForbidden && deps.agreed.has({ request, secret: found.secret, publicOutputs })) {
    return { credentials: agreedView(found.secret), publicOutputs };
  }
  return compareOutputs(deps, applied, found, await deps.stores.readOutputs(uid));
}

function compareOutputs(
  deps: RequestReconcilerDeps,
  { request, spec }: Applied,
  found: Found,
  outputs: AppliedOutputs | undefined,
): Seen {
  if (outputs === undefined) return unseen({ kind: 'lost' });
  const publicOutputs = pickPublicOutputs(spec, outputs.values, outputs.sensitive);
  if (found.isForbidden) return { credentials: { kind: 'forbidden' }, publicOutputs };
  const credentials = compareSecret(request, spec, outputs.values, found.secret);
  if (credentials.kind === 'current' || credentials.kind === 'not-needed') {
    deps.agreed.remember({ request, secret: found.secret, publicOutputs });
  }
  return { credentials, publicOutputs };
}

async function findSecret(
  { secrets }: RequestReconcilerDeps,
  { request, spec }: Applied,
): Promise<Found> {
  if (!hasCredentials(spec)) return { isForbidden: false, secret: undefined };
  const { name, namespace = '' } = request.metadata;
  try {
    const secret = await secrets.get({ namespace, name: credentialsSecretName(name) });
    return { isForbidden: false, secret };
  } catch (error) {
    if (error instanceof ForbiddenError) return { isForbidden: true };
    throw error;
  }
}

function compareSecret(
  { metadata, spec: { className } }: ResourceRequest,
  spec: ResourceClassSpec,
  outputs: Record<string, unknown>,
  actual: Secret | undefined,
): CredentialsView {
  if (!hasCredentials(spec)) return { kind: 'not-needed' };
  const { name, namespace = '', uid = '' } = metadata;
  const secretName = credentialsSecretName(name);
  const owner = { secretName, request: { name, namespace, uid }, className };
  return compare(buildCredentialsSecret(owner, spec, outputs), actual, uid);
}

function agreedView(secret: Secret | undefined): CredentialsView {
  return secret === undefined
    ? { kind: 'not-needed' }
    : { kind: 'current', name: secret.metadata.name };
}

function compare(desired: Secret, actual: Secret | undefined, uid: string): CredentialsView {
  const { name } = desired.metadata;
  if (actual === undefined) return { kind: 'stale', desired, actual };
  if (!isOwnSecret(actual, uid)) return { kind: 'foreign', name };
  return isSameSecret(desired, actual)
    ? { kind: 'current', name }
    : { kind: 'stale', desired, actual };
}

function hasOutputs(spec: ResourceClassSpec): boolean {
  return hasCredentials(spec) || (spec.outputs?.public ?? []).length > 0;
}

function hasCredentials({ outputs }: ResourceClassSpec): boolean {
  return (outputs?.credentials ?? []).length > 0;
}

function unseen(credentials: CredentialsView): Seen {
  return { credentials, publicOutputs: undefined };
}
