import { LABELS } from '../../crds/constants.ts';
import { ForbiddenError } from '../../lib/kube/errors.ts';
import type { Secret } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { RESOURCE_RUNS } from '../../crds/resource-types.ts';
import { isOwnSecret } from '../credentials/compare-secret.ts';
import type { RequestReconcilerDeps } from './deps.ts';
import { credentialsSecretName } from './names.ts';
import type { Leftover, RequestObservation } from './observation.ts';
import { sortRuns } from './runs.ts';

/** What may be left in the runs namespace besides the runs themselves. */
const KEPT_TYPES = [
  RESOURCE_TYPES.jobs,
  RESOURCE_TYPES.secrets,
  RESOURCE_TYPES.leases,
  RESOURCE_TYPES.configMaps,
];

/**
 * Everything that must go with a request, in the order in which it must go: the runs last, in the
 * order of their making, because they say whether anything is left to destroy.
 */
export async function observeLeftovers(
  deps: RequestReconcilerDeps,
  { request, runs }: RequestObservation,
): Promise<Leftover[]> {
  const { name, namespace = '', uid = '' } = request.metadata;
  const options = { namespace: deps.runsNamespace, labelSelector: `${LABELS.requestUid}=${uid}` };
  const kept = await Promise.all(
    KEPT_TYPES.map(async (type) =>
      (await deps.client.list(type, options)).map((object) => ({ type, object })),
    ),
  );
  const secret = await findSecret(deps, { namespace, name: credentialsSecretName(name) });
  return [
    ...kept.flat(),
    ...ownSecret(secret, uid),
    ...sortRuns(runs).map((object) => ({ type: RESOURCE_RUNS, object })),
  ];
}

/**
 * A namespace that is being deleted may have lost the binding of our rights already. Its owner
 * reference takes the Secret away there.
 */
async function findSecret(
  { secrets }: RequestReconcilerDeps,
  key: { namespace: string; name: string },
): Promise<Secret | undefined> {
  try {
    return await secrets.get(key);
  } catch (error) {
    if (error instanceof ForbiddenError) return undefined;
    throw error;
  }
}

function ownSecret(secret: Secret | undefined, uid: string): Leftover[] {
  return secret !== undefined && isOwnSecret(secret, uid)
    ? [{ type: RESOURCE_TYPES.secrets, object: secret }]
    : [];
}
