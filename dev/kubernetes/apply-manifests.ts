import { readFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';
import type { KubernetesObject } from '@kubernetes/client-node';
import {
  ApiException,
  KubeConfig,
  KubernetesObjectApi,
  PatchStrategy,
} from '@kubernetes/client-node';
import { parseAllDocuments } from 'yaml';
import { PlatformError } from '../errors.ts';

/** Where to apply. */
export interface ApplyTarget {
  readonly kubeconfig: string;
  /** Context of that file; its current one if not given. */
  readonly context?: string | undefined;
}

/**
 * Applies the objects of YAML files in their order, server-side, under a field manager of our own.
 *
 * @param files the files
 * @param target a path of a kubeconfig, or one with a context
 * @throws {PlatformError} naming the object that was refused, with the answer's reason
 */
export async function applyManifests(
  files: readonly string[],
  target: string | ApplyTarget,
): Promise<void> {
  const config = loadKubeConfig(target);
  const objects = files.flatMap((file) => parseManifests(readFileSync(file, 'utf8')));
  const clients = new ObjectClients(config);
  for (const object of objects) await applyWithPatience(clients, object);
}

/** A client remembers which kinds the cluster has; for a kind that came later it takes a new one. */
class ObjectClients {
  readonly #config: KubeConfig;
  current: KubernetesObjectApi;

  constructor(config: KubeConfig) {
    this.#config = config;
    this.current = KubernetesObjectApi.makeApiClient(config);
  }

  renew(): void {
    this.current = KubernetesObjectApi.makeApiClient(this.#config);
  }
}

/** Reads a kubeconfig and turns to the context. */
export function loadKubeConfig(target: string | ApplyTarget): KubeConfig {
  const { kubeconfig, context } =
    typeof target === 'string' ? { kubeconfig: target, context: undefined } : target;
  const config = new KubeConfig();
  config.loadFromFile(kubeconfig);
  if (context !== undefined) config.setCurrentContext(context);
  return config;
}

/**
 * @param text YAML with any number of documents; empty ones are left out
 * @returns the objects
 */
export function parseManifests(text: string): KubernetesObject[] {
  return parseAllDocuments(text)
    .map((document) => document.toJS() as KubernetesObject | null)
    .filter((object) => object !== null);
}

/** A kind whose definition was applied a moment ago is not served at once, so 404 gets some time. */
async function applyWithPatience(clients: ObjectClients, object: KubernetesObject): Promise<void> {
  const deadline = Date.now() + 15_000;
  for (;;) {
    try {
      await applyOne(clients.current, object);
      return;
    } catch (error) {
      if (isRefusal(error) || Date.now() > deadline) throw failure(object, error);
    }
    clients.renew();
    await sleep(200);
  }
}

async function applyOne(client: KubernetesObjectApi, object: KubernetesObject): Promise<void> {
  const [manager, force] = ['quartermaster-dev', true];
  await client.patch(object, undefined, undefined, manager, force, PatchStrategy.ServerSideApply);
}

function isRefusal(error: unknown): boolean {
  const passing = [404, 409, 429];
  return error instanceof ApiException && error.code < 500 && !passing.includes(error.code);
}

function failure(object: KubernetesObject, error: unknown): PlatformError {
  const name = `${object.kind ?? 'object'} ${object.metadata?.name ?? ''}`;
  const status = error instanceof ApiException ? ` (status ${error.code})` : '';
  return new PlatformError(`${name} cannot be applied${status}: ${reasonOf(error)}`);
}

function reasonOf(error: unknown): string {
  if (error instanceof ApiException && typeof error.body === 'string') return error.body;
  return error instanceof Error ? error.message : 'unknown';
}
