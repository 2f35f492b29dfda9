import { findMissingSets } from './binaries/build-binaries.ts';
import type { BinarySetName } from './binaries/binary-sets.ts';
import { PlatformError } from './errors.ts';
import { isRoot } from './paths.ts';
import { isInstalled } from './programs-on-path.ts';
import { findMissingPackages } from './system-packages.ts';

/** What is known about this machine. */
export interface MachineFacts {
  readonly platform: string;
  readonly isRoot: boolean;
  readonly hasGo: boolean;
  readonly hasApt: boolean;
  /** Programs that would have to be built with Go. */
  readonly setsToBuild: readonly string[];
  /** Debian packages that would have to be installed. */
  readonly packagesToInstall: readonly string[];
}

/** The sets that the embedded platform uses; what only tests need is not built for it. */
export const platformSets: readonly BinarySetName[] = [
  'etcd',
  'kubernetes',
  'coredns',
  'opentofu',
  'provider-kubectl',
  'local-path-provisioner',
];

/**
 * @param facts what is known about the machine
 * @returns everything that keeps the embedded Kubernetes from running here; empty if nothing does
 */
export function findObstacles(facts: MachineFacts): string[] {
  const obstacles: string[] = [];
  if (facts.platform !== 'linux') obstacles.push(`it needs Linux, and this is ${facts.platform}`);
  if (!facts.isRoot) obstacles.push('it needs root, for containers and their network');
  if (!facts.hasGo && facts.setsToBuild.length > 0) {
    const programs = facts.setsToBuild.join(', ');
    obstacles.push(
      `it needs Go 1.26 or newer on the PATH (https://go.dev/dl), to build ${programs}`,
    );
  }
  if (facts.platform === 'linux' && !facts.hasApt && facts.packagesToInstall.length > 0) {
    const names = facts.packagesToInstall.join(', ');
    obstacles.push(`it needs programs that this machine has no apt-get to install: ${names}`);
  }
  return obstacles;
}

/**
 * Refuses, before anything is touched, if the embedded Kubernetes cannot run on this machine.
 *
 * @throws {PlatformError} one message that names everything that is missing and how to go on
 */
export function checkMachine(): void {
  const isLinux = process.platform === 'linux';
  const obstacles = findObstacles({
    platform: process.platform,
    isRoot: isRoot(),
    hasGo: isInstalled('go'),
    hasApt: isInstalled('apt-get'),
    setsToBuild: findMissingSets(platformSets),
    packagesToInstall: isLinux ? findMissingPackages() : [],
  });
  if (obstacles.length > 0) throw new PlatformError(obstacleMessage(obstacles));
}

function obstacleMessage(obstacles: readonly string[]): string {
  return [
    'The embedded Kubernetes cannot run on this machine:',
    ...obstacles.map((obstacle) => `  - ${obstacle}`),
    'Nothing was started or changed. Go on with a cluster that exists, for example:',
    '  kind create cluster',
    '  script/server --context kind-kind',
  ].join('\n');
}
