import type { KubeObject } from '../../../lib/kube/objects.ts';
import type { RenderedObject } from './helm.ts';

/** A pod that a rendered object leads to. */
export interface RenderedPod {
  /** Kind and name of the object. */
  from: string;
  labels: Record<string, string>;
  spec: PodSpec;
}

/** What tests look for in a pod. */
export interface PodSpec {
  serviceAccountName: string;
  automountServiceAccountToken: boolean;
  volumes?: object[];
  containers: {
    name: string;
    image: string;
    args?: string[];
    command?: string[];
    env?: { name: string; value?: string; valueFrom?: object }[];
    resources: { requests?: object; limits?: object };
    startupProbe?: object;
    livenessProbe?: object;
    readinessProbe?: object;
  }[];
}

interface PodTemplate {
  metadata: { labels: Record<string, string> };
  spec: PodSpec;
}

/** The pods of Deployments, StatefulSets, Jobs and of pods themselves. */
export function podsOf(objects: readonly RenderedObject[]): RenderedPod[] {
  return objects.flatMap((object) => {
    const template = templateOf(object);
    if (!template) return [];
    const from = `${object.kind} ${object.metadata.name}`;
    const spec = { ...template.spec, volumes: [...volumesOf(template), ...claimsOf(object)] };
    return [{ from, labels: template.metadata.labels, spec }];
  });
}

function volumesOf({ spec }: PodTemplate): object[] {
  return spec.volumes ?? [];
}

/** The volumes that the controller of StatefulSets adds. */
function claimsOf({ spec }: RenderedObject): object[] {
  const claims = (spec?.['volumeClaimTemplates'] ?? []) as { metadata: { name: string } }[];
  return claims.map(({ metadata: { name } }) => ({
    ...{ name, persistentVolumeClaim: { claimName: name } },
  }));
}

function templateOf(object: RenderedObject): PodTemplate | undefined {
  if (object.kind === 'Pod') return object as KubeObject as KubeObject & PodTemplate;
  return object.spec?.['template'] as PodTemplate | undefined;
}

/** An environment variable's value in the pod's only container. */
export function environmentOf({ spec }: RenderedPod, name: string): string | undefined {
  return spec.containers[0]?.env?.find((variable) => variable.name === name)?.value;
}
