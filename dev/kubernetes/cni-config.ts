import { podNetwork } from './network-plan.ts';

/**
 * The network of pods: a routed point-to-point link for each. Unlike a bridge it needs no kernel
 * module for Services between pods of the same node, and leaves nothing when its namespace goes.
 *
 * @param addressDirectory where the given addresses are noted
 * @returns the text of a CNI configuration list
 */
export function buildPodNetworkConfig(addressDirectory: string): string {
  return JSON.stringify({
    cniVersion: '0.4.0',
    name: 'quartermaster',
    plugins: [
      {
        type: 'ptp',
        ipMasq: false,
        ipam: {
          type: 'host-local',
          ranges: [[{ subnet: podNetwork }]],
          routes: [{ dst: '0.0.0.0/0' }],
          dataDir: addressDirectory,
        },
      },
    ],
  });
}
