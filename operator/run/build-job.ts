import { API_VERSION, LABELS, MANAGED_BY } from '../../crds/constants.ts';
import type { ResourceClassSpec } from '../../crds/resource-class.ts';
import type { ResourceRun } from '../../crds/resource-run.ts';
import { digest } from '../../lib/canonical-json.ts';
import { parseDuration } from '../../lib/duration.ts';
import type { OwnerReference } from '../../lib/kube/objects.ts';
import { OPERATOR_ANNOTATIONS } from '../constants.ts';
import type { Job } from './objects.ts';

/** The user of the image. */
const USER_ID = 65532;
/** Where the runner finds its one file. */
const ACCESS_DIRECTORY = '/run/quartermaster';
/** The only place that the runner can write to. */
const SCRATCH_DIRECTORY = '/tmp';
/** The engine saves its state after SIGTERM, and the runner reports; this is for both. */
const TERMINATION_GRACE_SECONDS = 150;
/**
 * On top of what the engine may take, which the runner itself sees to: fetching the image, starting,
 * and handing over a state while the run API cannot be reached.
 */
const OVERHEAD_SECONDS = 3600;
/** For classes that set no timeouts; as the run API has them. */
const DEFAULT_TIMEOUTS = { plan: '10m', apply: '1h', destroy: '1h' };
/**
 * The runner trusts one authority, that of the run API. Without this Node reads those of the whole
 * world first, which takes a quarter of the time of its start.
 */
const NODE_OPTIONS = '--use-openssl-ca';
const DEFAULT_RESOURCES = {
  requests: { cpu: '50m', memory: '128Mi' },
  limits: { memory: '1Gi' },
};

/** What a Job is built from. */
export interface JobInput {
  run: ResourceRun;
  /** The class as it was approved. */
  spec: Pick<ResourceClassSpec, 'runner' | 'timeouts'>;
  /** Image of the product. */
  image: string;
  /** Names of the Secrets that the image is fetched with, beside those of the account. */
  pullSecrets?: readonly string[] | undefined;
}

/**
 * The Job of a run: one pod, tried once, that may do nothing but call out. A failed run is a new
 * ResourceRun or nothing, never a second pod of this one.
 */
export function buildJob(input: JobInput): Job {
  const { run, spec } = input;
  const labels = runLabels(run);
  const jobSpec = {
    backoffLimit: 0,
    completions: 1,
    parallelism: 1,
    activeDeadlineSeconds: deadlineSeconds(run, spec.timeouts),
    template: { metadata: { labels }, spec: buildPodSpec(input) },
  };
  return {
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: {
      name: run.metadata.name,
      namespace: run.metadata.namespace,
      labels,
      annotations: { [OPERATOR_ANNOTATIONS.specDigest]: digest(run.spec) },
      ownerReferences: [runOwner(run)],
    },
    spec: jobSpec,
  };
}

/** Whether a Job was made for this very run. */
export function isJobOf(job: Job, run: ResourceRun): boolean {
  return (
    job.metadata.ownerReferences?.some((owner) => owner['uid'] === run.metadata.uid) === true &&
    job.metadata.annotations?.[OPERATOR_ANNOTATIONS.specDigest] === digest(run.spec)
  );
}

/** Labels of everything that is made for a run. */
export function runLabels(run: ResourceRun): Record<string, string> {
  const { name, labels = {} } = run.metadata;
  const inherited = [
    LABELS.organization,
    LABELS.project,
    LABELS.requestName,
    LABELS.requestNamespace,
  ];
  return {
    [LABELS.managedBy]: MANAGED_BY,
    [LABELS.component]: 'run',
    [LABELS.run]: name,
    [LABELS.requestUid]: run.spec.requestRef.uid,
    ...Object.fromEntries(
      inherited.flatMap((label) => (labels[label] === undefined ? [] : [[label, labels[label]]])),
    ),
  };
}

/** Owner reference to a run. */
export function runOwner(run: ResourceRun): OwnerReference {
  return {
    apiVersion: API_VERSION,
    kind: 'ResourceRun',
    name: run.metadata.name,
    uid: run.metadata.uid ?? '',
    controller: true,
    blockOwnerDeletion: true,
  };
}

function deadlineSeconds(run: ResourceRun, timeouts: ResourceClassSpec['timeouts']): number {
  const { plan, apply, destroy } = { ...DEFAULT_TIMEOUTS, ...timeouts };
  const work = run.spec.action === 'Destroy' ? destroy : apply;
  const engineMs = parseDuration(plan ?? '10m') + parseDuration(work ?? '1h');
  return Math.ceil(engineMs / 1000) + OVERHEAD_SECONDS;
}

function buildPodSpec({ run, spec, image, pullSecrets }: JobInput): Record<string, unknown> {
  const { runner } = spec;
  const account = runner?.serviceAccountName;
  const imagePullSecrets = (pullSecrets ?? []).map((name) => ({ name }));
  return {
    restartPolicy: 'Never',
    terminationGracePeriodSeconds: TERMINATION_GRACE_SECONDS,
    // A token only for an account that a platform engineer named; the default one has no business here.
    automountServiceAccountToken: account !== undefined,
    ...(account === undefined ? {} : { serviceAccountName: account }),
    ...(imagePullSecrets.length === 0 ? {} : { imagePullSecrets }),
    enableServiceLinks: false,
    securityContext: {
      runAsNonRoot: true,
      runAsUser: USER_ID,
      runAsGroup: USER_ID,
      fsGroup: USER_ID,
      seccompProfile: { type: 'RuntimeDefault' },
    },
    containers: [buildContainer(runner, image)],
    volumes: [
      { name: 'access', secret: { secretName: run.metadata.name, defaultMode: 0o440 } },
      { name: 'scratch', emptyDir: {} },
    ],
  };
}

function buildContainer(
  runner: ResourceClassSpec['runner'],
  image: string,
): Record<string, unknown> {
  return {
    name: 'runner',
    image,
    imagePullPolicy: 'IfNotPresent',
    args: ['runner'],
    env: [
      { name: 'WORK_DIRECTORY', value: `${SCRATCH_DIRECTORY}/work` },
      { name: 'NODE_OPTIONS', value: NODE_OPTIONS },
    ],
    envFrom: (runner?.secretRefs ?? []).map(({ name }) => ({ secretRef: { name } })),
    resources: runner?.resources ?? DEFAULT_RESOURCES,
    securityContext: {
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ['ALL'] },
    },
    terminationMessagePolicy: 'File',
    volumeMounts: [
      { name: 'access', mountPath: ACCESS_DIRECTORY, readOnly: true },
      { name: 'scratch', mountPath: SCRATCH_DIRECTORY },
    ],
  };
}
