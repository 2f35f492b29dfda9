import { BlockList, isIP } from 'node:net';

/** What is not the public internet (RFC 6890 and the registries of special-purpose addresses). */
const NOT_PUBLIC: readonly [string, number][] = [
  ['0.0.0.0', 8],
  ['10.0.0.0', 8],
  ['100.64.0.0', 10],
  ['127.0.0.0', 8],
  ['169.254.0.0', 16],
  ['172.16.0.0', 12],
  ['192.0.0.0', 24],
  ['192.0.2.0', 24],
  ['192.88.99.0', 24],
  ['192.168.0.0', 16],
  ['198.18.0.0', 15],
  ['198.51.100.0', 24],
  ['203.0.113.0', 24],
  ['224.0.0.0', 3],
];
/** Of IPv6 only this is the public internet, but for tunnels, whose far end can be anywhere. */
const PUBLIC_V6: [string, number] = ['2000::', 3];
const NOT_PUBLIC_V6: readonly [string, number][] = [
  ['2001::', 23],
  ['2001:db8::', 32],
  ['2002::', 16],
];

/** Says which addresses may be called. */
export type AddressGuard = (address: string) => boolean;

/**
 * Lets calls go to the public internet, and to the networks that somebody allowed.
 *
 * @param allowed networks in CIDR notation, such as `10.1.0.0/16`
 * @throws {RangeError} for what is no network
 */
export function createAddressGuard(allowed: readonly string[]): AddressGuard {
  const blocked = listOf(NOT_PUBLIC, 'ipv4');
  const publicV6 = listOf([PUBLIC_V6], 'ipv6');
  const blockedV6 = listOf(NOT_PUBLIC_V6, 'ipv6');
  const allowedList = new BlockList();
  for (const network of allowed) addNetwork(allowedList, network);
  return (address) => {
    const family = isIP(address);
    if (family === 0) return false;
    if (allowedList.check(address, family === 6 ? 'ipv6' : 'ipv4')) return true;
    if (family === 4) return !blocked.check(address);
    return publicV6.check(address, 'ipv6') && !blockedV6.check(address, 'ipv6');
  };
}

function listOf(networks: readonly [string, number][], family: 'ipv4' | 'ipv6'): BlockList {
  const list = new BlockList();
  for (const [address, prefix] of networks) list.addSubnet(address, prefix, family);
  return list;
}

function addNetwork(list: BlockList, network: string): void {
  const [address = '', prefix = ''] = network.split('/');
  const family = isIP(address);
  if (family === 0 || !/^[0-9]{1,3}$/.test(prefix)) throw new RangeError(`no network: ${network}`);
  list.addSubnet(address, Number(prefix), family === 6 ? 'ipv6' : 'ipv4');
}
