import { createHash } from 'node:crypto';
import { encodeRunPlan, RUN_PLAN_KEY, runPlanName, type RunPlan } from '../../crds/run-plan.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { AlreadyExistsError } from '../../lib/kube/errors.ts';
import type { ConfigMap, OwnerReference } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { OPERATOR_ANNOTATIONS } from '../constants.ts';
import { COMPONENTS } from '../state/names.ts';
import { digestOf } from '../state/plan-store.ts';
import { buildStoredLabels } from '../state/sealed-secret.ts';
import { RunApiError } from './errors.ts';
import type { PlanUpload } from './plan-upload.ts';
import type { RunApiDeps } from './run-context.ts';

/**
 * Keeps a plan with everything that it is bound to: the file sealed, and beside it what people may
 * see. The same plan twice is that plan once.
 *
 * @returns digest of the plan file
 */
export async function keepPlan(
  deps: RunApiDeps,
  run: ResourceRun,
  upload: PlanUpload,
): Promise<string> {
  const { stores, clock } = deps;
  const { requestRef, inputsDigest, classRevision } = run.spec;
  const file = Buffer.from(upload.file, 'base64');
  const planDigest = digestOf(file);
  const { current: stateVersion } = await stores.state.readIndex(requestRef.uid);
  const createdAt = clock.now().toISOString();
  const bound = { planDigest, inputsDigest, classRevision, stateVersion, createdAt };
  const { lockFile, installation, fingerprints } = upload;
  const rotation = run.metadata.annotations?.[OPERATOR_ANNOTATIONS.rotation];
  const generated = await stores.generated.peek(requestRef.uid, rotation);
  const made = { lockFile, installation, fingerprints, generated };
  const from = { run: run.metadata.name, request: requestRef, owner: ownerOf(run) };
  await stores.plans.write({ ...bound, ...made, ...from, file });
  const providersDigest = `sha256:${createHash('sha256').update(lockFile).digest('hex')}`;
  await showPlan(deps, run, { ...bound, providersDigest, ...upload.view, changes: upload.changes });
  return planDigest;
}

async function showPlan(deps: RunApiDeps, run: ResourceRun, plan: RunPlan): Promise<void> {
  const shown: ConfigMap = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: {
      namespace: deps.namespace,
      name: runPlanName(run.metadata.name),
      labels: buildStoredLabels(COMPONENTS.runPlan, run.spec.requestRef.uid),
      ownerReferences: [ownerOf(run)],
    },
    binaryData: { [RUN_PLAN_KEY]: await encodeRunPlan(plan) },
  };
  try {
    await deps.client.create(RESOURCE_TYPES.configMaps, shown);
  } catch (error) {
    // A call that got no answer, made again: the engine made one plan.
    if (!(error instanceof AlreadyExistsError)) throw error;
  }
}

function ownerOf({ apiVersion, kind, metadata: { name, uid } }: ResourceRun): OwnerReference {
  if (uid === undefined) throw new RunApiError(410, 'RUN_GONE', 'the run does not exist any more');
  return { apiVersion, kind, name, uid };
}
