import { runLogName, type RunLogContent } from '../../crds/run-log.ts';
import type { Clock } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { Informer } from '../../lib/kube/informer.ts';
import type { ConfigMap } from '../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../lib/kube/resource-types.ts';
import type { Logger } from '../../lib/logger.ts';

/** Who follows a log. */
export interface LogFollower {
  /** The log as it stands; again with every change. Undefined where there is none yet. */
  onContent(content: RunLogContent | undefined): void;
  /** The log was removed: nothing will come any more. */
  onGone(): void;
}

/** Where the logs are. */
export interface RunLogFeedOptions {
  client: KubeClient;
  /** The namespace of the runs. */
  namespace: string;
  clock: Clock;
  log: Logger;
}

interface Feed {
  informer: Informer<ConfigMap>;
  followers: Set<LogFollower>;
}

/**
 * The logs of runs as Kubernetes has them. Everybody who follows one log shares one watch of that
 * one object; it ends with the last of them.
 */
export class RunLogFeed {
  readonly #options: RunLogFeedOptions;
  readonly #feeds = new Map<string, Feed>();

  constructor(options: RunLogFeedOptions) {
    this.#options = options;
  }

  /** The log of a run now; undefined where there is none. @throws {KubernetesApiError} */
  read(run: string): Promise<RunLogContent | undefined> {
    const key = { namespace: this.#options.namespace, name: runLogName(run) };
    return this.#options.client.get<ConfigMap>(RESOURCE_TYPES.configMaps, key);
  }

  /** How many logs are being watched. */
  get watched(): number {
    return this.#feeds.size;
  }

  /**
   * Follows the log of a run from its present state.
   *
   * @returns ends it
   */
  follow(run: string, follower: LogFollower): () => void {
    const feed = this.#feeds.get(run) ?? this.#open(run);
    feed.followers.add(follower);
    if (feed.informer.hasSynced) follower.onContent(this.#contentOf(run, feed));
    return () => {
      feed.followers.delete(follower);
      if (feed.followers.size > 0 || this.#feeds.get(run) !== feed) return;
      this.#feeds.delete(run);
      void feed.informer.stop();
    };
  }

  #open(run: string): Feed {
    const { namespace, client, clock, log } = this.#options;
    const followers = new Set<LogFollower>();
    const informer = new Informer<ConfigMap>({
      ...{ client, clock, namespace, type: RESOURCE_TYPES.configMaps },
      fieldSelector: `metadata.name=${runLogName(run)}`,
      log: log.child({ component: 'run-logs', run }),
      onChange: () => {
        const content = this.#contentOf(run, feed);
        if (content) for (const follower of [...followers]) follower.onContent(content);
      },
      onDelete: () => {
        for (const follower of [...followers]) follower.onGone();
      },
    });
    const feed: Feed = { informer, followers };
    this.#feeds.set(run, feed);
    informer.start();
    return feed;
  }

  #contentOf(run: string, { informer }: Feed): RunLogContent | undefined {
    return informer.get(`${this.#options.namespace}/${runLogName(run)}`);
  }
}
