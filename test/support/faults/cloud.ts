import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeClient } from '../../../lib/kube/client.ts';
import type { ConfigMap } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import type { RunResult } from '../../../operator/terraform/run-contract.ts';
import type { Script, ScriptedRun } from '../pods/scripted-runner.ts';

const OWNER_LABEL = 'test.quartermaster.dev/thing-of';

/** What the script keeps in its state. */
interface ThingState {
  id?: string;
}

/**
 * What is made outside: things with names that nobody can foresee, so that making one twice makes
 * two. They stand in the API server and can be counted.
 */
export class Cloud {
  readonly #client: KubeClient;
  readonly #namespace: string;
  /** How many things were ever made for a request, by its name. */
  readonly #made = new Map<string, number>();
  /** Requests whose runs fail before they change anything. */
  readonly broken = new Set<string>();
  /** How long everything takes. */
  workMs = 0;

  constructor(client: KubeClient, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  /** The things of a request that are there. */
  things(request: string): Promise<ConfigMap[]> {
    return this.#client.list<ConfigMap>(RESOURCE_TYPES.configMaps, {
      namespace: this.#namespace,
      labelSelector: `${OWNER_LABEL}=${request}`,
    });
  }

  /** How many were ever made for a request. */
  made(request: string): number {
    return this.#made.get(request) ?? 0;
  }

  /** What the runner does, in place of an engine: as Terraform, with a state. */
  readonly script: Script = async (run): Promise<RunResult> => {
    const request = String(run.spec.variables['name']);
    if (this.workMs > 0) await sleep(this.workMs, undefined, { signal: run.signal });
    if (this.broken.has(request)) {
      const failure = { type: 'Quota', message: 'The cloud has no room on purpose.' } as const;
      return { outcome: 'failed', failure };
    }
    const state = ((await run.readState()) ?? {}) as ThingState;
    return run.spec.action === 'Destroy'
      ? this.#destroy(run, state)
      : this.#apply(run, state, request);
  };

  async #apply(run: ScriptedRun, state: ThingState, request: string): Promise<RunResult> {
    const id = state.id ?? (await this.#make(request));
    await run.writeState({ id });
    const { text, password } = run.spec.variables;
    const key = { namespace: this.#namespace, name: id };
    await this.#client.mergePatch(RESOURCE_TYPES.configMaps, key, { data: { text } });
    const outputs = { values: { id, text, password }, sensitive: ['password'] };
    return {
      outcome: 'succeeded',
      outputs,
      changes: { add: state.id ? 0 : 1, change: 0, destroy: 0 },
    };
  }

  async #make(request: string): Promise<string> {
    const metadata = {
      name: `thing-${randomUUID()}`,
      namespace: this.#namespace,
      labels: { [OWNER_LABEL]: request },
    };
    const thing = { apiVersion: 'v1', kind: 'ConfigMap', metadata };
    await this.#client.create(RESOURCE_TYPES.configMaps, thing);
    this.#made.set(request, this.made(request) + 1);
    return metadata.name;
  }

  async #destroy(run: ScriptedRun, { id }: ThingState): Promise<RunResult> {
    if (id !== undefined) {
      await this.#client.delete(RESOURCE_TYPES.configMaps, {
        namespace: this.#namespace,
        name: id,
      });
    }
    await run.writeState({});
    return { outcome: 'succeeded' };
  }
}
