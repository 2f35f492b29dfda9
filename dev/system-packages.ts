import { existsSync, readFileSync } from 'node:fs';
import { isInstalled } from './programs-on-path.ts';
import type { Say } from './processes/say.ts';
import type { Supervisor } from './processes/supervisor.ts';

/** A Debian package, and how to see that what we need of it is there. */
interface SystemPackage {
  readonly name: string;
  isThere(): boolean;
}

const byPrograms = (name: string, ...programs: string[]): SystemPackage => ({
  name,
  isThere: () => programs.every(isInstalled),
});

const platformPackages: readonly SystemPackage[] = [
  byPrograms('containerd', 'containerd', 'ctr', 'containerd-shim-runc-v2'),
  byPrograms('runc', 'runc'),
  byPrograms('containernetworking-plugins', '/usr/lib/cni/ptp', '/usr/lib/cni/host-local'),
  byPrograms('buildah', 'buildah'),
  byPrograms('debootstrap', 'debootstrap'),
  byPrograms('iproute2', 'ip'),
  byPrograms('nftables', 'nft'),
  { name: 'busybox-static', isThere: hasStaticShell },
];

/** Runs the health scripts of Argo CD, whose language this is. */
export const luaPackages: readonly SystemPackage[] = [byPrograms('lua5.1', 'lua5.1')];

/** What Argo CD calls; `redis-check-rdb` is the program of the server too. */
export const argocdPackages: readonly SystemPackage[] = [
  byPrograms('redis-tools', '/usr/bin/redis-check-rdb'),
  byPrograms('git', 'git'),
];

/** Runs the compose file; the plugin gives containers names that others can look up. */
export const composePackages: readonly SystemPackage[] = [
  byPrograms('podman', 'podman'),
  byPrograms('podman-compose', 'podman-compose'),
  byPrograms('runc', 'runc'),
  byPrograms('containernetworking-plugins', '/usr/lib/cni/bridge', '/usr/lib/cni/host-local'),
  byPrograms('golang-github-containernetworking-plugin-dnsname', '/usr/lib/cni/dnsname'),
];

/** Names of Debian packages that this machine lacks; of those of the platform unless it is said. */
export function findMissingPackages(packages = platformPackages): string[] {
  return packages.filter((entry) => !entry.isThere()).map((entry) => entry.name);
}

/**
 * Installs the Debian packages that are missing, once, and says so.
 *
 * @throws {PlatformError} if apt-get fails, with the end of its log
 */
export async function ensureSystemPackages(
  supervisor: Supervisor,
  say: Say,
  packages = platformPackages,
): Promise<void> {
  const missing = findMissingPackages(packages);
  if (missing.length === 0) return;
  say(`  installing Debian packages (once): ${missing.join(' ')}`);
  const env = { DEBIAN_FRONTEND: 'noninteractive' };
  const run = (command: string, ...args: string[]): Promise<string> =>
    supervisor.run({ name: 'apt', command, args, env, graceMs: 10_000 });
  // An installation that was cut short earlier would make apt-get refuse.
  await run('dpkg', '--configure', '-a');
  await run('apt-get', 'update');
  await run('apt-get', 'install', '--yes', '--no-install-recommends', ...missing);
}

/** The package `busybox` brings a program of the same name that needs libraries. */
function hasStaticShell(): boolean {
  const file = '/bin/busybox';
  return existsSync(file) && !readFileSync(file).includes('/ld-linux');
}
