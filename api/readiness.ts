import type { Clock } from '../lib/clock.ts';
import type { KubeClient } from '../lib/kube/client.ts';
import type { Database } from './db/database.ts';
import { SCHEMA_VERSION } from './db/migrate.ts';

/** How long an answer holds; the question is open to everybody, so it must not cost much. */
const HOLDS_MS = 1_000;

/** Whether one thing that the api needs is there. */
export interface Check {
  status: 'ok' | 'unavailable' | 'disabled';
  /** What is wrong, without anything that the public should not see. */
  detail?: string;
}

/** Whether the api can do its work. */
export interface ReadinessReport {
  status: 'ready' | 'unavailable';
  checks: Record<string, Check>;
}

/** An installation to look around, such as that of docker-compose.yml. */
const NOT_CONNECTED: Check = {
  status: 'disabled',
  detail: 'Kubernetes is not connected: what is approved is kept, and nothing is provisioned.',
};

/** Says whether database, schema and Kubernetes are there. */
export class Readiness {
  readonly #database: Database;
  readonly #kube: KubeClient | undefined;
  readonly #clock: Clock;
  #last: { at: number; report: Promise<ReadinessReport> } | undefined;

  constructor(parts: { database: Database; kube: KubeClient | undefined; clock: Clock }) {
    this.#database = parts.database;
    this.#kube = parts.kube;
    this.#clock = parts.clock;
  }

  /** The state now, at most a second old. Never rejects. */
  async check(): Promise<ReadinessReport> {
    const now = this.#clock.now().getTime();
    if (!this.#last || now - this.#last.at > HOLDS_MS) {
      this.#last = { at: now, report: this.#look() };
    }
    return this.#last.report;
  }

  async #look(): Promise<ReadinessReport> {
    const [schema, kubernetes] = await Promise.all([this.#checkSchema(), this.#checkKubernetes()]);
    const checks = { ...schema, ...kubernetes };
    const isReady = Object.values(checks).every((check) => check.status !== 'unavailable');
    return { status: isReady ? 'ready' : 'unavailable', checks };
  }

  async #checkSchema(): Promise<Record<string, Check>> {
    try {
      const version = await this.#database.schemaVersion();
      return { database: { status: 'ok' }, schema: judgeSchema(version) };
    } catch {
      return { database: { status: 'unavailable', detail: 'The database does not answer.' } };
    }
  }

  async #checkKubernetes(): Promise<Record<string, Check>> {
    if (!this.#kube) return { kubernetes: NOT_CONNECTED };
    try {
      await this.#kube.serverVersion();
      return { kubernetes: { status: 'ok' } };
    } catch {
      return { kubernetes: { status: 'unavailable', detail: 'Kubernetes does not answer.' } };
    }
  }
}

/** A newer schema serves as well: a new release migrates before the old one is gone. */
function judgeSchema(version: string | undefined): Check {
  if (version !== undefined && version >= SCHEMA_VERSION) return { status: 'ok' };
  const found = version ?? 'nothing';
  return { status: 'unavailable', detail: `The schema is at ${found}, not ${SCHEMA_VERSION}.` };
}
