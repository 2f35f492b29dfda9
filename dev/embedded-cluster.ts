import path from 'node:path';
import { ensureBinaries } from './binaries/build-binaries.ts';
import type { ClusterAccess } from './cluster-access.ts';
import { ensureImages } from './images/build-images.ts';
import { loadImages } from './kubernetes/load-images.ts';
import { nodeAddress } from './kubernetes/network-plan.ts';
import { startNode } from './kubernetes/node.ts';
import { dataDirectory } from './paths.ts';
import { platformSets } from './preflight.ts';
import type { Say } from './processes/say.ts';
import { timed } from './processes/say.ts';
import type { Supervisor } from './processes/supervisor.ts';
import { ensureSystemPackages } from './system-packages.ts';

/** Name of the product image on the embedded node. */
export const developmentImage = 'docker.io/library/quartermaster:dev';

/**
 * Starts the embedded Kubernetes with everything that it needs: packages, binaries, images.
 *
 * @param supervisor starts it, and stops it
 * @param say hears about it
 */
export async function startEmbeddedCluster(
  supervisor: Supervisor,
  say: Say,
): Promise<ClusterAccess> {
  await ensureSystemPackages(supervisor, say);
  const programs = await ensureBinaries(platformSets, supervisor, say);
  const directory = path.join(dataDirectory(), 'kubernetes');
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
    image: developmentImage,
  };
}
