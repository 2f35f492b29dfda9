import { GoneError, ResponseTooLargeError } from './errors.ts';
import type { KubeObject } from './objects.ts';
import { apiVersionOf, resourcePath, type ResourceType } from './resource-types.ts';
import { parseAnswer } from './response-body.ts';
import type { Transport } from './transport.ts';

const PAGE_TIMEOUT_MS = 30_000;
const PAGE_SIZE = 500;
const PAGE_LIMIT = 64 * 1024 * 1024;
const METADATA_ONLY = 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1';

/** Which objects of a type. */
export interface ListOptions {
  /** All namespaces if left out. */
  namespace?: string | undefined;
  labelSelector?: string | undefined;
  fieldSelector?: string | undefined;
  /** Only names, labels and the like: what is inside is neither read nor sent. */
  metadataOnly?: boolean | undefined;
  /** Longest time for each page; 30 s unless said otherwise. */
  pageTimeoutMs?: number | undefined;
  /** Ends the call early, with a ConnectionError. */
  signal?: AbortSignal | undefined;
}

/** All objects, and the resourceVersion at which this was so. */
export interface ListResult<T> {
  items: T[];
  resourceVersion: string;
}

interface Page<T> {
  metadata: { resourceVersion: string; continue?: string };
  items?: T[] | null;
}

/** Lists a collection page by page; starts over once if the pages expire on the way. */
export async function listAll<T extends KubeObject>(
  transport: Transport,
  type: ResourceType,
  options: ListOptions,
): Promise<ListResult<T>> {
  try {
    return await listPages<T>(transport, type, options);
  } catch (error) {
    if (!(error instanceof GoneError)) throw error;
    return await listPages<T>(transport, type, options);
  }
}

async function listPages<T extends KubeObject>(
  transport: Transport,
  type: ResourceType,
  options: ListOptions,
): Promise<ListResult<T>> {
  const items: T[] = [];
  let limit = PAGE_SIZE;
  let token: string | undefined;
  for (;;) {
    const query: PageQuery = { ...options, limit, continue: token };
    const page = await readPageOrShrink<T>(transport, type, query);
    limit = query.limit;
    for (const item of page.items ?? []) items.push(complete(item, type));
    token = page.metadata.continue;
    if (!token) return { items, resourceVersion: page.metadata.resourceVersion };
  }
}

interface PageQuery extends ListOptions {
  limit: number;
  continue: string | undefined;
}

/** Reads a page; one that is too large (big Secrets) is asked for again in smaller pieces. */
async function readPageOrShrink<T>(
  transport: Transport,
  type: ResourceType,
  query: PageQuery,
): Promise<Page<T>> {
  for (;;) {
    try {
      return await readPage<T>(transport, type, query);
    } catch (error) {
      if (!(error instanceof ResponseTooLargeError) || query.limit === 1) throw error;
      query.limit = Math.ceil(query.limit / 8);
    }
  }
}

async function readPage<T>(
  transport: Transport,
  type: ResourceType,
  query: PageQuery,
): Promise<Page<T>> {
  const { namespace, signal, metadataOnly, pageTimeoutMs, ...parameters } = query;
  const path = resourcePath(type, { namespace });
  const text = await transport.send({
    method: 'GET',
    path,
    signal,
    query: parameters,
    accept: metadataOnly === true ? METADATA_ONLY : undefined,
    timeoutMs: pageTimeoutMs ?? PAGE_TIMEOUT_MS,
    responseLimit: PAGE_LIMIT,
  });
  return parseAnswer(text, `LIST ${path}`, isPage) as Page<T>;
}

/** Anything else, such as `{}` from a proxy, would read as "everything was deleted". */
function isPage(value: object): boolean {
  const { kind, metadata } = value as { kind?: unknown; metadata?: { resourceVersion?: unknown } };
  const isList = typeof kind === 'string' && kind.endsWith('List');
  return isList && typeof metadata?.resourceVersion === 'string';
}

/**
 * Items of built-in lists come without apiVersion and kind. Managed fields are often half of an
 * object; nobody here reads them, and all pages are in memory at once.
 */
function complete<T extends KubeObject>(item: T, type: ResourceType): T {
  delete (item.metadata as { managedFields?: unknown }).managedFields;
  item.apiVersion = apiVersionOf(type);
  item.kind = type.kind;
  return item;
}
