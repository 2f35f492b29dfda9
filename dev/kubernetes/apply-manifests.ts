import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubeConfig } from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import type { KubeClient } from '../../lib/kube/client.ts';
import { createKubeClient } from '../../lib/kube/create-kube-client.ts';
import {
  KubernetesApiError,
  NotFoundError,
  ConflictError,
  ServerUnavailableError,
  TooManyRequestsError,
} from '../../lib/kube/errors.ts';
import { loadKubeConfig as loadClusterConfig } from '../../lib/kube/kube-config.ts';
import type { KubeObject } from '../../lib/kube/objects.ts';
import { PlatformError } from '../errors.ts';
import { typeOfManifest } from './manifest-types.ts';

/** Where to apply. */
export interface ApplyTarget {
  readonly kubeconfig: string;
  /** Context of that file; its current one if not given. */
  readonly context?: string | undefined;
}

/** What may pass: a kind whose definition was applied a moment ago is not served at once. */
const PASSING = [NotFoundError, ConflictError, TooManyRequestsError, ServerUnavailableError];
const PATIENCE_MS = 15_000;

/**
 * Applies the objects of YAML files in their order, server-side, under a field manager of our own.
 *
 * The client sends objects as they are; client-node's own would drop what its classes do not know,
 * such as the `x-kubernetes-…` fields of a schema.
 *
 * @param files the files
 * @param target a path of a kubeconfig, or one with a context
 * @throws {PlatformError} naming the object that was refused, with the answer's reason
 */
export async function applyManifests(
  files: readonly string[],
  target: string | ApplyTarget,
): Promise<void> {
  const client = createKubeClient(asTarget(target));
  try {
    for (const object of files.flatMap((file) => parseManifests(readFileSync(file, 'utf8')))) {
      await applyWithPatience(client, object);
    }
  } finally {
    await client.close();
  }
}

/** Reads a kubeconfig and turns to the context. */
export function loadKubeConfig(target: string | ApplyTarget): KubeConfig {
  return loadClusterConfig(asTarget(target));
}

/**
 * @param text YAML with any number of documents; empty ones are left out
 * @returns the objects
 */
export function parseManifests(text: string): KubeObject[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as KubeObject | null)
    .filter((object) => object !== null);
}

function asTarget(target: string | ApplyTarget): ApplyTarget {
  return typeof target === 'string' ? { kubeconfig: target } : target;
}

async function applyWithPatience(client: KubeClient, object: KubeObject): Promise<void> {
  const deadline = Date.now() + PATIENCE_MS;
  const options = { fieldManager: 'quartermaster-dev', force: true };
  for (;;) {
    try {
      await client.apply(typeOfManifest(object), object, options);
      return;
    } catch (error) {
      if (!isPassing(error) || Date.now() > deadline) throw failure(object, error);
    }
    await sleep(200);
  }
}

function isPassing(error: unknown): boolean {
  return PASSING.some((kind) => error instanceof kind);
}

function failure(object: KubeObject, error: unknown): unknown {
  if (!(error instanceof KubernetesApiError)) return error;
  const name = `${object.kind} ${object.metadata.name}`;
  return new PlatformError(`${name} cannot be applied: ${error.message}`, { cause: error });
}
