import { ApiException, CoreV1Api, PatchStrategy, setHeaderOptions } from '@kubernetes/client-node';
import { loadKubeConfig } from './apply-manifests.ts';
import { nodeName } from './network-plan.ts';

/**
 * A cluster with kept data remembers a node that was Ready when it went down, and the kubelet
 * repeats an unchanged status only minutes later. So what is remembered is made unknown first.
 *
 * @param kubeconfig of the administrator
 */
export async function forgetReadiness(kubeconfig: string): Promise<void> {
  const now = new Date().toISOString();
  const condition = {
    type: 'Ready',
    status: 'Unknown',
    reason: 'PlatformStarting',
    message: 'the kubelet has not reported yet',
    lastTransitionTime: now,
    lastHeartbeatTime: now,
  };
  try {
    await coreApi(kubeconfig).patchNodeStatus(
      { name: nodeName, body: { status: { conditions: [condition] } } },
      setHeaderOptions('Content-Type', PatchStrategy.StrategicMergePatch),
    );
  } catch (error) {
    if (error instanceof ApiException && error.code === 404) return;
    throw error;
  }
}

/**
 * @param kubeconfig of the administrator
 * @returns whether the kubelet says that the node is Ready
 */
export async function isNodeReady(kubeconfig: string): Promise<boolean> {
  const node = await coreApi(kubeconfig).readNode({ name: nodeName });
  const ready = node.status?.conditions?.find((condition) => condition.type === 'Ready');
  return ready?.status === 'True';
}

function coreApi(kubeconfig: string): CoreV1Api {
  return loadKubeConfig(kubeconfig).makeApiClient(CoreV1Api);
}
