import type { KubeObject } from '../../../lib/kube/objects.ts';
import { UnavailableError } from '../../errors.ts';
import { readOfferedClass, type OfferedClass } from './offered-class.ts';

/** The classes that can be requested now. */
export interface ClassCatalogue {
  /** All of them, by name. @throws {UnavailableError} while they are not known */
  list(): OfferedClass[];
  /** One of them. @throws {UnavailableError} while they are not known */
  find(name: string): OfferedClass | undefined;
}

/** Where the objects come from: a cache that an informer keeps, undefined before its first list. */
export interface ClassSource {
  list(): readonly KubeObject[] | undefined;
}

/**
 * A catalogue over a cache of ResourceClasses; it never calls Kubernetes itself, so it can be
 * asked in the middle of a transaction. An older copy does no harm: an approval is bound to the
 * digest of the class, and the operator compares.
 */
export class CachedClassCatalogue implements ClassCatalogue {
  readonly #source: ClassSource;
  /** Reading a class compiles its schema, so it is read once per version of the object. */
  readonly #read = new WeakMap<KubeObject, { offered: OfferedClass | undefined }>();

  constructor(source: ClassSource) {
    this.#source = source;
  }

  list(): OfferedClass[] {
    const offered = this.#objects().map((object) => this.#readOnce(object));
    return offered
      .filter((found) => found !== undefined)
      .sort((left, right) => left.name.localeCompare(right.name));
  }

  find(name: string): OfferedClass | undefined {
    const object = this.#objects().find((candidate) => candidate.metadata.name === name);
    return object && this.#readOnce(object);
  }

  #objects(): readonly KubeObject[] {
    const objects = this.#source.list();
    if (objects) return objects;
    throw new UnavailableError('The catalogue cannot be read: Kubernetes has not answered yet.');
  }

  #readOnce(object: KubeObject): OfferedClass | undefined {
    const known = this.#read.get(object);
    if (known) return known.offered;
    const offered = readOfferedClass(object);
    this.#read.set(object, { offered });
    return offered;
  }
}

/** The catalogue of an api that runs without Kubernetes: everything that needs it says so. */
export const noClassCatalogue: ClassCatalogue = {
  list: refuse,
  find: refuse,
};

function refuse(): never {
  throw new UnavailableError('This installation runs without Kubernetes, so it has no classes.');
}
