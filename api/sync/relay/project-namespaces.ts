import type { Clock } from '../../../lib/clock.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import {
  buildNamespace,
  buildRoleBindings,
  isNamespaceOf,
  type PlatformNamespaces,
  type ProjectNamespace,
} from './build-project-namespace.ts';
import { ProjectBounds } from './project-bounds.ts';
import { ForeignNamespaceError } from './relay-errors.ts';

/** The field manager of everything that the api applies. */
export const FIELD_MANAGER = 'quartermaster-api';

/** How long a namespace that was looked at counts as known. */
const KNOWN_FOR_MS = 60_000;

/** Makes, repairs and removes the namespaces of projects. */
export class ProjectNamespaces {
  readonly #client: KubeClient;
  readonly #platform: PlatformNamespaces;
  readonly #clock: Clock;
  readonly #bounds: ProjectBounds;
  readonly #knownUntil = new Map<string, number>();

  constructor(options: { client: KubeClient; platform: PlatformNamespaces; clock: Clock }) {
    this.#client = options.client;
    this.#platform = options.platform;
    this.#clock = options.clock;
    this.#bounds = new ProjectBounds(options.client, options.platform.bounds);
  }

  /**
   * Sees to it that the namespace is there; cheap when it was there a moment ago.
   *
   * @throws {ForeignNamespaceError}
   */
  async ensure(project: ProjectNamespace): Promise<void> {
    const now = this.#clock.now().getTime();
    if ((this.#knownUntil.get(project.namespace) ?? 0) > now) return;
    const existing = await this.#find(project);
    if (!existing) await this.apply(project);
    this.#knownUntil.set(project.namespace, now + KNOWN_FOR_MS);
  }

  /**
   * Whether the namespace is there and carries the labels of the project; somebody else's may have
   * the name.
   */
  async isOwn(project: ProjectNamespace): Promise<boolean> {
    const now = this.#clock.now().getTime();
    if ((this.#knownUntil.get(project.namespace) ?? 0) > now) return true;
    const existing = await this.#client.get(RESOURCE_TYPES.namespaces, { name: project.namespace });
    if (!existing || !isNamespaceOf(project, existing)) return false;
    this.#knownUntil.set(project.namespace, now + KNOWN_FOR_MS);
    return true;
  }

  /** Forgets that a namespace was there: a call in it found none. */
  forget(namespace: string): void {
    this.#knownUntil.delete(namespace);
  }

  /**
   * Applies the namespace, the rights of the platform in it, and by these its bounds.
   *
   * @throws {ForeignNamespaceError}
   */
  async apply(project: ProjectNamespace): Promise<void> {
    await this.#find(project);
    const options = { fieldManager: FIELD_MANAGER, force: true };
    await this.#client.apply(RESOURCE_TYPES.namespaces, buildNamespace(project), options);
    for (const binding of buildRoleBindings(project, this.#platform)) {
      await this.#client.apply(RESOURCE_TYPES.roleBindings, binding, options);
    }
    await this.#bounds.applyOnceAllowed(project);
  }

  /**
   * Makes quota and network policy where they are not there, or not as the settings say.
   *
   * @returns whether one was written
   * @throws {KubernetesApiError}
   */
  bound(project: ProjectNamespace): Promise<boolean> {
    return this.#bounds.apply(project);
  }

  /** Deletes the namespace if it is the project's; somebody else's stays. */
  async remove(project: ProjectNamespace): Promise<void> {
    const key = { name: project.namespace };
    const existing = await this.#client.get(RESOURCE_TYPES.namespaces, key);
    this.forget(project.namespace);
    if (!existing || !isNamespaceOf(project, existing)) return;
    await this.#client.delete(RESOURCE_TYPES.namespaces, key, { uid: existing.metadata.uid });
  }

  /** @throws {ForeignNamespaceError} */
  async #find(project: ProjectNamespace): Promise<boolean> {
    const existing = await this.#client.get(RESOURCE_TYPES.namespaces, { name: project.namespace });
    if (existing && !isNamespaceOf(project, existing)) {
      throw new ForeignNamespaceError(project.namespace);
    }
    return existing !== undefined;
  }
}
