import { randomUUID } from 'node:crypto';
import { poll } from '../../../dev/demo/poll.ts';
import type { KubeClient } from '../../../lib/kube/client.ts';
import type { KubeObject } from '../../../lib/kube/objects.ts';
import type { ResourceType } from '../../../lib/kube/resource-types.ts';
import { ARGOCD_NAMESPACE } from './configure-argocd.ts';

function argoproj(plural: string, kind: string): ResourceType {
  return { group: 'argoproj.io', version: 'v1alpha1', plural, kind, namespaced: true };
}

/** Type of the Applications of Argo CD. */
export const APPLICATIONS = argoproj('applications', 'Application');

/** Type of its projects. */
export const APP_PROJECTS = argoproj('appprojects', 'AppProject');

/** Health as Argo CD tells it. */
export interface Health {
  status: string;
  message?: string;
}

/** An Application, as far as tests look into it. */
export interface Application extends KubeObject {
  operation?: object;
  status?: {
    sync?: { status: string; revision?: string };
    health?: Health;
    operationState?: {
      phase: string;
      message?: string;
      operation?: { initiatedBy?: { username?: string } };
    };
    conditions?: { type: string; message: string }[];
    resources?: { kind: string; name: string; status?: string; health?: Health }[];
  };
}

/** What an Application should come to. */
export interface Wanted {
  health: string;
  /** The commit that is to be in place. */
  revision?: string;
}

/** The Applications of a cluster, as somebody with rights in Argo CD's namespace sees them. */
export class Applications {
  readonly #kube: KubeClient;
  readonly #signal: AbortSignal;

  constructor(kube: KubeClient, signal: AbortSignal) {
    this.#kube = kube;
    this.#signal = signal;
  }

  /** Applies an AppProject and an Application of it. */
  async apply(project: KubeObject, application: KubeObject): Promise<void> {
    const options = { fieldManager: 'kubectl', force: true };
    await this.#kube.apply(APP_PROJECTS, project, options);
    await this.#kube.apply(APPLICATIONS, application, options);
  }

  /** @throws {Error} where there is none */
  async read(name: string): Promise<Application> {
    const found = await this.#kube.get<Application>(APPLICATIONS, key(name));
    if (!found) throw new Error(`there is no Application ${name}`);
    return found;
  }

  /** Asks Argo CD to look into Git now, as a webhook of the Git server would. */
  async refresh(name: string, kind: 'normal' | 'hard' = 'normal'): Promise<void> {
    const annotations = { 'argocd.argoproj.io/refresh': kind };
    await this.#kube.mergePatch(APPLICATIONS, key(name), { metadata: { annotations } });
    await this.#waitUntil(name, 'the refresh', (seen) =>
      seen.metadata.annotations?.['argocd.argoproj.io/refresh'] === undefined ? 'done' : 'not yet',
    );
  }

  /**
   * Syncs by hand, as `argocd app sync` does, and waits for the end. A sync that Argo CD begins by
   * itself at the same moment replaces the order: then it is given again.
   */
  async sync(name: string): Promise<void> {
    const order = { initiatedBy: { username: randomUUID() }, sync: {} };
    await poll(
      async () => {
        const { operation, status } = await this.read(name);
        const { phase, message, operation: last } = status?.operationState ?? {};
        const isOurs = last?.initiatedBy?.username === order.initiatedBy.username;
        if (isOurs && phase === 'Succeeded') return { done: undefined };
        if (operation === undefined && phase !== 'Running' && !isOurs) {
          await this.#kube.mergePatch(APPLICATIONS, key(name), { operation: order });
        }
        return { seen: `${phase} ${message}` };
      },
      { what: `a sync of ${name}`, timeoutSeconds: 240, signal: this.#signal },
    );
  }

  /** Waits until it is Synced, with the health and the commit that are wanted. */
  async waitFor(name: string, { health, revision }: Wanted): Promise<void> {
    const what = `${name} becoming Synced and ${health}`;
    await this.#waitUntil(name, what, ({ status }) => {
      const { sync } = status ?? {};
      const isThere =
        sync?.status === 'Synced' &&
        status?.health?.status === health &&
        (revision === undefined || sync.revision === revision);
      return isThere ? 'done' : summarize(status);
    });
  }

  /** Waits until one of its resources has a health; its message. */
  async waitForResource(name: string, resource: string, health: string): Promise<string> {
    const what = `${resource} of ${name} becoming ${health}`;
    await this.#waitUntil(name, what, (seen) => {
      const now = healthOf(seen, resource);
      return now?.status === health ? 'done' : `${now?.status ?? 'nothing'} ${now?.message ?? ''}`;
    });
    return healthOf(await this.read(name), resource)?.message ?? '';
  }

  async #waitUntil(
    name: string,
    what: string,
    judge: (seen: Application) => string,
  ): Promise<void> {
    await poll(
      async () => {
        const seen = judge(await this.read(name));
        return seen === 'done' ? { done: undefined } : { seen };
      },
      { what, timeoutSeconds: 240, signal: this.#signal },
    );
  }
}

/** How Argo CD shows one resource of an Application. */
export function healthOf(application: Application, resource: string): Health | undefined {
  return application.status?.resources?.find(({ name }) => name === resource)?.health;
}

function key(name: string): { namespace: string; name: string } {
  return { namespace: ARGOCD_NAMESPACE, name };
}

/** What keeps an Application from being Synced and Healthy. */
function summarize(status: Application['status'] = {}): string {
  const { sync, health, operationState, conditions = [], resources = [] } = status;
  const others = resources.filter(
    (resource) => resource.status === 'OutOfSync' || !isFine(resource.health),
  );
  return JSON.stringify({
    sync,
    health: health?.status,
    operation: [operationState?.phase, operationState?.message],
    conditions: conditions.map(({ message }) => message),
    resources: others.map(({ kind, name, status: state, health: of }) => [kind, name, state, of]),
  });
}

function isFine(health: Health | undefined): boolean {
  return health === undefined || health.status === 'Healthy';
}
