import type { ResourceClassSpec } from '../../crds/resource-class.ts';
import type { Fault } from './fault.ts';

const SOURCE = '/spec/module/source';
const VERSION = '/spec/module/version';

const LOCAL = /^(\.{0,2}\/)/;
const GIT = /^(git::|git@|github\.com\/|bitbucket\.org\/)/;
const REGISTRY =
  /^([A-Za-z0-9.-]+\.[a-z]+(:[0-9]+)?\/)?[A-Za-z0-9_-]+\/[A-Za-z0-9_-]+\/[a-z0-9]+(\/\/[^?]*)?$/;
const COMMIT = /[?&]ref=([0-9a-f]{40}|[0-9a-f]{64})(&|$)/;
const EXACT_VERSION = /^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?$/;
const PASSWORD = /:\/\/[^/@]*:[^/@]*@/;

/**
 * Whether the module address is pinned. A module is code with access to all its variables and to
 * the runner's credentials, so what was approved must be what runs: a path in the image, git with
 * a commit, or a registry module with an exact version.
 */
export function checkModule(spec: ResourceClassSpec): Fault[] {
  const { source, version } = spec.module;
  if (PASSWORD.test(source)) return [{ pointer: SOURCE, message: 'must not contain a password' }];
  if (LOCAL.test(source)) return refuseVersion(version, 'a path in the image');
  if (GIT.test(source)) {
    return [
      ...(COMMIT.test(source)
        ? []
        : [{ pointer: SOURCE, message: 'must name a commit, as ?ref=<full commit hash>' }]),
      ...refuseVersion(version, 'git'),
    ];
  }
  if (REGISTRY.test(source)) {
    return version !== undefined && EXACT_VERSION.test(version)
      ? []
      : [{ pointer: VERSION, message: 'must be an exact version, such as 1.2.3' }];
  }
  return [
    { pointer: SOURCE, message: 'must be a path in the image, a git address or a registry module' },
  ];
}

function refuseVersion(version: string | undefined, source: string): Fault[] {
  if (version === undefined) return [];
  return [
    { pointer: VERSION, message: `has no meaning for ${source}; it is for registry modules` },
  ];
}
