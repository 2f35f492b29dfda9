import type Koa from 'koa';
import type { RouterContext } from '@koa/router';
import type { ResourceRun } from '../../crds/resource-run.ts';
import type { Clock } from '../../lib/clock.ts';
import type { KubeClient } from '../../lib/kube/client.ts';
import { formatKey } from '../../lib/kube/objects.ts';
import type { Logger } from '../../lib/logger.ts';
import type { LockHolder } from '../state/lock-holder.ts';
import type { Stores } from '../state/stores.ts';
import { RunApiError } from './errors.ts';
import type { RunTokens } from './run-token.ts';

/** What the routes work with. */
export interface RunApiDeps {
  client: KubeClient;
  /** The runs namespace. */
  namespace: string;
  stores: Stores;
  /** A run as this replica last saw it; undefined if it knows of none. */
  recallRun?: ((name: string) => ResourceRun | undefined) | undefined;
  tokens: RunTokens;
  clock: Clock;
  log: Logger;
}

/** What authentication found out. */
export interface RunApiState extends Koa.DefaultState {
  /** The run that the token is for; it has not finished. */
  run: ResourceRun;
  /** Which process of it is calling; undefined when it did not say. */
  instance: string | undefined;
}

/** The context of an authenticated call. */
export type RunContext = RouterContext<RunApiState>;

/** @throws {RunApiError} 401 if the caller did not say which process it is */
export function readHolder(context: RunContext): LockHolder {
  const { run, instance } = context.state;
  if (instance === undefined) {
    throw new RunApiError(401, 'INSTANCE_MISSING', 'use basic authentication: instance and token');
  }
  return { run: run.metadata.name, instance };
}

/** What every line of the log about a run says: of which run, of which request. */
export function readLogFields(context: RunContext): Record<string, string> {
  const { metadata, spec } = context.state.run;
  const { namespace, name, uid } = spec.requestRef;
  const request = { request: formatKey({ namespace, name }), requestUid: uid };
  return { run: metadata.name, action: spec.action, ...request };
}

/** Uid of the request that the calling run is for. */
export function readRequestUid(context: RunContext): string {
  return context.state.run.spec.requestRef.uid;
}
