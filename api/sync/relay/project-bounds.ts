import { setTimeout as sleep } from 'node:timers/promises';
import { ANNOTATIONS } from '../../../crds/constants.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import { ConflictError, ForbiddenError } from '../../../lib/kube/errors.ts';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES, type ResourceType } from '../../../lib/kube/resource-types.ts';
import {
  buildProjectIsolation,
  buildProjectQuota,
  type ProjectBoundsSettings,
} from './build-project-bounds.ts';
import type { ProjectNamespace } from './build-project-namespace.ts';

/** Never forced: a field that somebody else has set is theirs from then on. */
const UNFORCED = { fieldManager: 'quartermaster-api', force: false };
/** The API server takes a moment to know of rights that it was just told of. */
const WAITS_MS: readonly number[] = [50, 100, 200, 400, 800];

/** Makes the quota and the network policy in the namespaces of projects. */
export class ProjectBounds {
  readonly #client: KubeClient;
  readonly #settings: ProjectBoundsSettings | undefined;

  /** @param settings nothing is made where they are absent */
  constructor(client: KubeClient, settings: ProjectBoundsSettings | undefined) {
    this.#client = client;
    this.#settings = settings;
  }

  /**
   * Writes what is missing, or was made with other settings. What people have changed stays: theirs
   * is a decision about one project, ours only the default.
   *
   * @returns whether something was written
   * @throws {KubernetesApiError}
   */
  async apply(project: ProjectNamespace): Promise<boolean> {
    if (!this.#settings) return false;
    const quota = buildProjectQuota(project, this.#settings);
    const isolation = buildProjectIsolation(project, this.#settings);
    const isWritten = [
      await this.#applyOne(RESOURCE_TYPES.resourceQuotas, quota),
      await this.#applyOne(RESOURCE_TYPES.networkPolicies, isolation),
    ];
    return isWritten.includes(true);
  }

  /**
   * The same in a namespace whose rights were granted a moment ago.
   *
   * @throws {KubernetesApiError}
   */
  async applyOnceAllowed(project: ProjectNamespace): Promise<void> {
    for (const waitMs of WAITS_MS) {
      try {
        await this.apply(project);
        return;
      } catch (error) {
        if (!(error instanceof ForbiddenError)) throw error;
        await sleep(waitMs);
      }
    }
    await this.apply(project);
  }

  async #applyOne(type: ResourceType, wanted: KubeObject | undefined): Promise<boolean> {
    if (!wanted || (await this.#isAsWished(type, wanted))) return false;
    try {
      await this.#client.apply(type, wanted, UNFORCED);
      return true;
    } catch (error) {
      if (error instanceof ConflictError && error.hasCause('FieldManagerConflict')) return false;
      throw error;
    }
  }

  /** Whether it was applied as it would be now, whatever people made of it since. */
  async #isAsWished(type: ResourceType, wanted: KubeObject): Promise<boolean> {
    const { name, namespace } = wanted.metadata;
    const found = await this.#client.get(type, { name, ...(namespace && { namespace }) });
    return found !== undefined && digestOf(found) === digestOf(wanted);
  }
}

function digestOf({ metadata }: KubeObject): string | undefined {
  return metadata.annotations?.[ANNOTATIONS.appliedDigest];
}
