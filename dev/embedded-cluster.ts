import path from 'node:path';
import { ensureBinaries } from './binaries/build-binaries.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { ensureImages } from './images/build-images.ts';
import { developmentImage } from './images/product-image.ts';
import { loadImages } from './kubernetes/load-images.ts';
import { nodeAddress } from './kubernetes/network-plan.ts';
import { startNode } from './kubernetes/node.ts';
import { platformSets } from './preflight.ts';
import type { Say } from './processes/say.ts';
import { timed } from './processes/say.ts';
import type { Supervisor } from './processes/supervisor.ts';
import { ensureSystemPackages } from './system-packages.ts';

/**
 * Starts the embedded Kubernetes with everything that it needs: packages, binaries, images.
 *
 * @param supervisor starts it, and stops it
 * @param say hears about it
 * @param dataDirectory where it keeps its data
 */
export async function startEmbeddedCluster(
  supervisor: Supervisor,
  say: Say,
  dataDirectory: string,
): Promise<ClusterAccess> {
  await ensureSystemPackages(supervisor, say);
  const programs = await ensureBinaries(platformSets, supervisor, say);
  const directory = path.join(dataDirectory, 'kubernetes');
  const [controlPlane, images] = await Promise.all([
    timed(say, 'Kubernetes: node Ready', () => startNode({ supervisor, programs, directory })),
    ensureImages({ supervisor, programs, say }),
  ]);
  await timed(say, 'images on the node', () =>
    loadImages(
      images.map((image) => image.archive),
      supervisor,
    ),
  );
  return {
    kubeconfig: controlPlane.kubeconfig,
    context: undefined,
    kubectl: programs.kubectl,
    hostAddress: nodeAddress,
    listenAddress: nodeAddress,
    image: developmentImage,
  };
}
