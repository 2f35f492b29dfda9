import { LABELS, MANAGED_BY } from '../../crds/constants.ts';
import { canonicalJson } from '../../lib/canonical-json.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { ForbiddenError, NotFoundError } from '../../lib/kube/errors.ts';
import { keyOf } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import type { Logger } from '../../lib/logger.ts';
import type { Database } from '../db/database.ts';
import {
  buildRoleBindings,
  type PlatformNamespaces,
  type ProjectNamespace,
  type RoleBinding,
} from './relay/build-project-namespace.ts';
import type { ProjectNamespaces } from './relay/project-namespaces.ts';
import { ForeignNamespaceError } from './relay/relay-errors.ts';

/** What the comparison works with. */
export interface ProjectRightsDependencies {
  database: Database;
  client: KubeClient;
  platform: PlatformNamespaces;
  namespaces: Pick<ProjectNamespaces, 'apply' | 'bound'>;
  log: Logger;
}

/**
 * Puts right what the platform may do in the namespaces of projects, and what bounds them: a new
 * release or other settings may want something else than what the namespaces were made with.
 */
export class ProjectRights {
  readonly #dependencies: ProjectRightsDependencies;

  constructor(dependencies: ProjectRightsDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Compares all projects once.
   *
   * @returns the namespaces in which something was put right
   * @throws {KubernetesApiError}
   */
  async compare(): Promise<string[]> {
    const { client, platform } = this.#dependencies;
    const labelSelector = `${LABELS.managedBy}=${MANAGED_BY}`;
    const found = await client.list<RoleBinding>(RESOURCE_TYPES.roleBindings, { labelSelector });
    const subjects = new Map(found.map((binding) => [keyOf(binding), subjectsOf(binding)]));
    const repaired: string[] = [];
    for (const project of await this.#listProjects()) {
      const wanted = buildRoleBindings(project, platform);
      const hasRights = wanted.every(
        (binding) => subjects.get(keyOf(binding)) === subjectsOf(binding),
      );
      const isRepaired = hasRights ? await this.#bound(project) : await this.#repair(project);
      if (isRepaired) repaired.push(project.namespace);
    }
    return repaired;
  }

  /** A namespace that is somebody else's is told of where a request needs it. */
  async #repair(project: ProjectNamespace): Promise<boolean> {
    const { namespaces, log } = this.#dependencies;
    try {
      await namespaces.apply(project);
      log.info('rights in the namespace of a project put right', { namespace: project.namespace });
      return true;
    } catch (error) {
      if (error instanceof ForeignNamespaceError) return false;
      throw error;
    }
  }

  /** What one namespace refuses must not keep the others from being looked at. */
  async #bound(project: ProjectNamespace): Promise<boolean> {
    const { namespaces, log } = this.#dependencies;
    const { namespace } = project;
    try {
      if (!(await namespaces.bound(project))) return false;
      log.info('bounds in the namespace of a project put right', { namespace });
      return true;
    } catch (error) {
      if (!(error instanceof ForbiddenError || error instanceof NotFoundError)) throw error;
      log.warn('a namespace of a project has no bounds', { namespace, error });
      return false;
    }
  }

  #listProjects(): Promise<ProjectNamespace[]> {
    return this.#dependencies.database.withSystem('project rights', async (trx) => {
      const { rows } = await trx.raw<{ rows: ProjectNamespace[] }>(`
        select project.namespace, project.slug as "projectSlug",
          organization.slug as "organizationSlug"
        from projects as project
          join organizations as organization on organization.id = project.organization_id
        where project.deleted_at is null
        order by project.namespace`);
      return rows;
    });
  }
}

/** The subjects in one order, as text. */
function subjectsOf({ subjects }: Pick<RoleBinding, 'subjects'>): string {
  return subjects
    .map((subject) => canonicalJson(subject))
    .sort()
    .join();
}
