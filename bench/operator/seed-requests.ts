import { inputsDigest } from '../../crds/approval.ts';
import type { ResourceRequest, ResourceRequestStatus } from '../../crds/resource-request.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { RESOURCE_REQUESTS, RESOURCE_RUNS } from '../../crds/resource-types.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { OPERATOR_ANNOTATIONS } from '../../operator/constants.ts';
import { buildCredentialsSecret } from '../../operator/credentials/build-secret.ts';
import { runLabels } from '../../operator/run/build-job.ts';
import type { StoredOutputs } from '../../operator/state/output-store.ts';
import type { Stores } from '../../operator/state/stores.ts';
import { PLATFORM } from './open-project.ts';
import type { Stage } from './stage.ts';

/** A request that the operator itself made ready, and what it is made of. */
export interface Template {
  request: ResourceRequest;
  run: ResourceRun;
  outputs: StoredOutputs;
}

/** What seeding works with. */
export interface Seeding {
  client: KubeClient;
  stage: Stage;
  stores: Pick<Stores, 'outputs'>;
  template: Template;
}

/** Puts a request at rest into a namespace: with its run, its sealed outputs and its Secret. */
export async function seedRequest(
  { client, stage, stores, template }: Seeding,
  place: { namespace: string; name: string },
): Promise<void> {
  const { spec, metadata } = template.request;
  const request = await client.create<ResourceRequest>(RESOURCE_REQUESTS, {
    ...template.request,
    metadata: { ...place, finalizers: metadata.finalizers ?? [] },
    spec: {
      className: spec.className,
      ...(spec.parameters ? { parameters: spec.parameters } : {}),
    },
  });
  const run = await seedRun(client, template.run, request);
  const options = { subresource: 'status' } as const;
  const patch = { status: buildStatus(template.request, place.name, run) };
  await Promise.all([
    client.mergePatch(RESOURCE_REQUESTS, place, patch, options),
    stores.outputs.write(request.metadata.uid ?? '', template.outputs),
    client.create(RESOURCE_TYPES.secrets, buildCredentials(stage, request, template.outputs)),
  ]);
}

/** As the operator itself would say it, or it would have to write every one of them. */
function buildStatus(
  { status, metadata }: ResourceRequest,
  name: string,
  run: ResourceRun,
): ResourceRequestStatus {
  const said = JSON.stringify(status)
    .replaceAll(status?.applied?.run ?? '', run.metadata.name)
    .replaceAll(`${metadata.name}-credentials`, `${name}-credentials`);
  const own = JSON.parse(said) as ResourceRequestStatus;
  return { ...own, applied: { ...own.applied, inputsDigest: run.spec.inputsDigest } };
}

async function seedRun(
  client: KubeClient,
  template: ResourceRun,
  request: ResourceRequest,
): Promise<ResourceRun> {
  const { name, namespace = '', uid = '' } = request.metadata;
  const requestRef = { name, namespace, uid };
  const { annotations = {} } = template.metadata;
  const { parameters, deletionPolicy } = request.spec;
  const digest = inputsDigest({
    ...{ classDigest: annotations[OPERATOR_ANNOTATIONS.classDigest] ?? '', namespace, name },
    ...{ parameters, deletionPolicy },
  });
  const run: ResourceRun = {
    ...template,
    metadata: { name: `${namespace}-${name}-apply`, namespace: PLATFORM.runs, annotations },
    spec: { ...template.spec, requestRef, inputsDigest: digest },
  };
  const labels = runLabels({
    ...run,
    metadata: { ...run.metadata, labels: template.metadata.labels ?? {} },
  });
  run.metadata.labels = labels;
  const created = await client.create<ResourceRun>(RESOURCE_RUNS, run);
  const { status } = template;
  await client.mergePatch(RESOURCE_RUNS, created.metadata, { status }, { subresource: 'status' });
  return created;
}

function buildCredentials(
  stage: Stage,
  { metadata, spec }: ResourceRequest,
  { values }: StoredOutputs,
): ReturnType<typeof buildCredentialsSecret> {
  const { name, namespace = '', uid = '' } = metadata;
  const owner = {
    secretName: `${name}-credentials`,
    request: { name, namespace, uid },
    className: spec.className,
  };
  return buildCredentialsSecret(owner, stage.classSpec, values);
}
