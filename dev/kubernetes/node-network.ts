import type { Supervisor } from '../processes/supervisor.ts';
import { nodeAddress, nodeBridge, packetTable, podNetwork } from './network-plan.ts';

/**
 * Makes the node's address, on a bridge without members: the machine's own network stays as it is.
 * Pods reach the world under the machine's address by one rule in a table of our own.
 *
 * @param supervisor runs `ip` and `nft`
 */
export async function createNodeNetwork(supervisor: Supervisor): Promise<void> {
  const ip = (...args: string[]): Promise<string> =>
    supervisor.run({ name: 'network', command: 'ip', args });
  await ip('link', 'add', nodeBridge, 'type', 'bridge');
  await ip('address', 'add', `${nodeAddress}/32`, 'dev', nodeBridge);
  await ip('link', 'set', nodeBridge, 'up');
  for (const command of packetRules()) {
    await supervisor.run({ name: 'network', command: 'nft', args: command });
  }
}

/** The commands that let pods out: one masquerade rule. */
function packetRules(): string[][] {
  const chain = ['ip', packetTable, 'postrouting'];
  return [
    ['add', 'table', 'ip', packetTable],
    ['add', 'chain', ...chain, '{ type nat hook postrouting priority srcnat ; }'],
    ['add', 'rule', ...chain, ...outwardFromPods(), 'masquerade'],
  ];
}

function outwardFromPods(): string[] {
  return ['ip', 'saddr', podNetwork, 'ip', 'daddr', '!=', podNetwork, 'oifname', '!=', 'lo'];
}
