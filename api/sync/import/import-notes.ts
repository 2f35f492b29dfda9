import { ANNOTATIONS, API_VERSION } from '../../../crds/constants.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import { RESOURCE_REQUESTS } from '../../../crds/resource-types.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import { ConflictError, NotFoundError } from '../../../lib/kube/errors.ts';
import type { Logger } from '../../../lib/logger.ts';
import { FIELD_MANAGER } from '../relay/project-namespaces.ts';

const NAME_TAKEN = 'Not imported: another live request of the project has this name.';

/** Says on resources of others why nothing happens with them: in an annotation, never in `spec`. */
export class ImportNotes {
  readonly #client: KubeClient;
  readonly #log: Logger;

  constructor(options: { client: KubeClient; log: Logger }) {
    this.#client = options.client;
    this.#log = options.log;
  }

  /** Whether a resource carries a note of ours. */
  has(resource: ResourceRequest): boolean {
    return resource.metadata.annotations?.[ANNOTATIONS.decision] !== undefined;
  }

  /**
   * The name belongs to a request that was made by way of the api.
   *
   * @throws {KubernetesApiError}
   */
  async nameTaken(resource: ResourceRequest): Promise<void> {
    const { namespace, name, uid, annotations } = resource.metadata;
    if (annotations?.[ANNOTATIONS.decision] === NAME_TAKEN) return;
    this.#log.warn('a resource has the name of another request, so it waits', { namespace, name });
    const note = {
      ...{ apiVersion: API_VERSION, kind: 'ResourceRequest' },
      metadata: { namespace, name, uid, annotations: { [ANNOTATIONS.decision]: NAME_TAKEN } },
    };
    try {
      const options = { fieldManager: FIELD_MANAGER, force: true };
      await this.#client.apply(RESOURCE_REQUESTS, note as never, options);
    } catch (error) {
      // Gone, or another one by now: nobody to tell.
      if (!(error instanceof NotFoundError || error instanceof ConflictError)) throw error;
    }
  }
}
