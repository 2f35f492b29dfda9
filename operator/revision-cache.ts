import type { ResourceClassSpec } from '../crds/resource-class.ts';
import type { KubeClient } from '../lib/kube/client.ts';
import { readRevision } from './class/revision.ts';

/** More than a catalogue has, with a few generations each. */
const CAPACITY = 1_000;

/** Class revisions by name. They are immutable, so what was read once stays true. */
export class RevisionCache {
  readonly #client: KubeClient;
  readonly #namespace: string;
  readonly #known = new Map<string, ResourceClassSpec>();

  constructor(client: KubeClient, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  /** The class as it was; undefined when there is no such revision. */
  async read(name: string): Promise<ResourceClassSpec | undefined> {
    const known = this.#known.get(name);
    if (known) return known;
    const spec = await readRevision(this.#client, this.#namespace, name);
    if (spec === undefined) return undefined;
    if (this.#known.size >= CAPACITY) this.#known.clear();
    this.#known.set(name, spec);
    return spec;
  }
}
