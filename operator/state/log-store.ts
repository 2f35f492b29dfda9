import {
  readRunLog,
  RUN_LOG_COMPONENT,
  runLogName,
  type RunLogContent,
  type RunLogView,
} from '../../crds/run-log.ts';
import { LABELS } from '../../crds/constants.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { AlreadyExistsError, NotFoundError } from '../../lib/kube/errors.ts';
import type { ConfigMap, OwnerReference } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import { appendPart, completeLog } from './log-pieces.ts';
import { retryOnConflict } from './retry-on-conflict.ts';
import { buildStoredLabels } from './sealed-secret.ts';

/** Which log. */
export interface LogOwner {
  run: string;
  requestUid: string;
  /** The ResourceRun: its log goes with it. */
  owner?: OwnerReference | undefined;
}

/** What a log becomes, or undefined when it stays as it is. */
type Change = (content: RunLogContent) => RunLogContent | undefined;

/**
 * Keeps the log of each run in a ConfigMap of the runs namespace, while it runs and when the pod is
 * gone: crds/run-log.ts says how. It is masked and not sealed, so that the api can show it.
 */
export class LogStore {
  readonly #client: KubeClient;
  readonly #namespace: string;

  constructor(client: KubeClient, namespace: string) {
    this.#client = client;
    this.#namespace = namespace;
  }

  /**
   * Adds a part of a log; the same part twice is that part once.
   *
   * @param log which log
   * @param sequence position of the part, from 0
   * @param text whole lines, masked already
   */
  append(log: LogOwner, sequence: number, text: string): Promise<void> {
    return this.#change(log, (content) => appendPart(content, sequence, text));
  }

  /**
   * Adds the last part of a log, and says that it is the last. As two calls, it would be two writes.
   *
   * @param log which log
   * @param sequence position of the part, from 0
   * @param text whole lines, masked already
   */
  async finish(log: LogOwner, sequence: number, text: string): Promise<void> {
    const change: Change = (content) => {
      const longer = appendPart(content, sequence, text);
      return completeLog(longer ?? content) ?? longer;
    };
    if (sequence === 0 && (await this.#begin(log, change({})))) return;
    await this.#change(log, change);
  }

  /**
   * Says that the run has ended. A log that nothing was ever added to is only made for a last line.
   *
   * @param lastLine what happened, where the runner could not say so itself
   */
  complete(log: LogOwner, lastLine?: string): Promise<void> {
    return this.#change(log, (content) => completeLog(content, lastLine));
  }

  /** The log so far; without lines when there is none. */
  async read(log: LogOwner): Promise<RunLogView> {
    return readRunLog(await this.#get(log));
  }

  /** The first part is most often that of a log that is not there yet. @returns whether it was so */
  async #begin(log: LogOwner, content: RunLogContent | undefined): Promise<boolean> {
    if (content === undefined) return false;
    try {
      await this.#client.create(RESOURCE_TYPES.configMaps, this.#build(log, content));
      return true;
    } catch (error) {
      if (error instanceof AlreadyExistsError) return false;
      throw error;
    }
  }

  async #change(log: LogOwner, change: Change): Promise<void> {
    await retryOnConflict(async () => {
      const found = await this.#get(log);
      const next = change(found ?? {});
      if (next === undefined) return;
      if (found === undefined) {
        await this.#client.create(RESOURCE_TYPES.configMaps, this.#build(log, next));
      } else await this.#patch(found, next);
    });
  }

  /** Only what changes is sent: most of a long log is there already. */
  async #patch({ metadata, ...found }: ConfigMap, next: RunLogContent): Promise<void> {
    const { name, namespace, resourceVersion } = metadata;
    try {
      await this.#client.mergePatch(
        RESOURCE_TYPES.configMaps,
        { name, namespace },
        {
          metadata: { resourceVersion },
          data: next.data,
          binaryData: differenceOf(found.binaryData ?? {}, next.binaryData ?? {}),
        },
      );
    } catch (error) {
      // It went with its run, whose request is gone.
      if (!(error instanceof NotFoundError)) throw error;
    }
  }

  #get({ run }: LogOwner): Promise<ConfigMap | undefined> {
    const key = { namespace: this.#namespace, name: runLogName(run) };
    return this.#client.get<ConfigMap>(RESOURCE_TYPES.configMaps, key);
  }

  #build({ run, requestUid, owner }: LogOwner, content: RunLogContent): ConfigMap {
    const labels = buildStoredLabels(RUN_LOG_COMPONENT, requestUid);
    return {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: {
        name: runLogName(run),
        namespace: this.#namespace,
        labels: { ...labels, [LABELS.run]: run },
        ...(owner === undefined ? {} : { ownerReferences: [owner] }),
      },
      ...content,
    };
  }
}

/** As a merge patch says it: null for what goes. */
function differenceOf(
  before: Record<string, string>,
  after: Record<string, string>,
): Record<string, string | null> {
  const gone = Object.keys(before).filter((key) => after[key] === undefined);
  const changed = Object.entries(after).filter(([key, value]) => before[key] !== value);
  return { ...Object.fromEntries(gone.map((key) => [key, null])), ...Object.fromEntries(changed) };
}
