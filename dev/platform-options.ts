import type { Say } from './processes/say.ts';

/** How the local platform is to be started. */
export interface PlatformOptions {
  /** Uses this context of the user's kubeconfig instead of an embedded Kubernetes. */
  readonly context?: string | undefined;
  /** Uses this database server (a login that may make roles and databases) instead of an embedded one. */
  readonly databaseUrl?: string | undefined;
  /** Product image for the pods of runs; must be reachable by the cluster. */
  readonly image?: string | undefined;
  /** Forgets the data of earlier starts: database, cluster, volumes. */
  readonly fresh?: boolean | undefined;
  /** Starts empty and leaves no data; what earlier starts kept is not touched. For tests. */
  readonly temporary?: boolean | undefined;
  /** Hears what is going on. */
  readonly say?: Say | undefined;
  /** Interrupts the start; see `runInterruptibly`. */
  readonly signal?: AbortSignal | undefined;
}

/** The local platform, up and ready. */
export interface Platform {
  /** Where the api answers. */
  readonly url: string;
  readonly adminEmail: string;
  readonly adminPassword: string;
  /** Path of a kubeconfig with administrator rights. */
  readonly kubeconfig: string;
  /** Context of that file, where it is not its current one. */
  readonly context: string | undefined;
  /** Path of kubectl. */
  readonly kubectl: string;
  /** Of the superuser, to the product's database. */
  readonly databaseUrl: string;
  /** Of the three roles. */
  readonly ownerDatabaseUrl: string;
  readonly appDatabaseUrl: string;
  readonly systemDatabaseUrl: string;
  /** Product image of the pods of runs. */
  readonly image: string;
  /** Settles with the name of the first process that ends although nobody stopped it. */
  readonly failed: Promise<string>;
  /** Takes everything down; nothing is left. A second call waits for the first. */
  stop(): Promise<void>;
}
