import { setTimeout as sleep } from 'node:timers/promises';
import { RESOURCE_CLASSES } from '../../crds/resource-types.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import {
  NotFoundError,
  ServerUnavailableError,
  TooManyRequestsError,
} from '../../lib/kube/errors.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import type { Logger } from '../../lib/logger.ts';

/** The field manager of the catalogue: what it has set, it may change. */
const FIELD_MANAGER = 'quartermaster-catalogue';
const PAUSE_MS = 500;

/** What passes by itself; a kind is served only some time after its definition was made. */
const PASSING = [NotFoundError, ServerUnavailableError, TooManyRequestsError];

/** What {@link applyClasses} needs. */
export interface ApplyClassesOptions {
  client: KubeClient;
  log: Logger;
  /** How long to try again, for all classes together. */
  patienceMs: number;
}

/**
 * Applies classes, one after another. What somebody else has changed in a field that a class sets
 * is set back. Classes that are not listed stay as they are: requests may use them.
 *
 * @throws {KubernetesApiError} when a class is refused, or the API server stays away for too long
 */
export async function applyClasses(
  classes: readonly KubeObject[],
  options: ApplyClassesOptions,
): Promise<void> {
  const deadline = performance.now() + options.patienceMs;
  for (const resourceClass of classes) {
    await applyWithPatience(resourceClass, deadline, options);
    options.log.info('class applied', { class: resourceClass.metadata.name });
  }
}

async function applyWithPatience(
  resourceClass: KubeObject,
  deadline: number,
  { client, log }: ApplyClassesOptions,
): Promise<void> {
  for (;;) {
    try {
      const apply = { fieldManager: FIELD_MANAGER, force: true };
      await client.apply(RESOURCE_CLASSES, resourceClass, apply);
      return;
    } catch (error) {
      if (!isPassing(error) || performance.now() > deadline) throw error;
      log.debug('not yet', { class: resourceClass.metadata.name, reason: error.reason });
    }
    await sleep(PAUSE_MS);
  }
}

function isPassing(error: unknown): error is InstanceType<(typeof PASSING)[number]> {
  return PASSING.some((kind) => error instanceof kind);
}
