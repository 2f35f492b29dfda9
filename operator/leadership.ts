import { randomUUID } from 'node:crypto';
import type { KubeClient } from '../lib/kube/client.ts';
import { leaseTiming, type OperatorConfig } from './config.ts';
import { LEADER_LEASE } from './constants.ts';
import { LeaderElector } from './controller/leader-elector.ts';
import { withClient, type OperatorDeps } from './deps.ts';
import type { OperatorMetrics } from './metrics/operator-metrics.ts';
import { Operator } from './operator.ts';

/** The part of the operator that works in one replica only, and the election that says in which. */
export interface Leadership {
  readonly elector: LeaderElector;
  readonly operator: Operator;
  /** Watches everything, then stands for election; resolves when a takeover would be fast. */
  start(): Promise<void>;
  /** Ends the work, and only then frees the lease, so that the next leader meets nobody. */
  stop(): Promise<void>;
}

/**
 * Builds an operator that changes nothing unless it leads: its client asks the elector before every
 * write.
 *
 * @param settings.onLost called when this replica leads no more although nobody stopped it: end the
 *   process
 */
export async function buildLeadership(
  config: OperatorConfig,
  deps: OperatorDeps,
  { onLost, metrics }: { onLost: () => void; metrics: OperatorMetrics },
): Promise<Leadership> {
  const { clock, log } = deps;
  let hasWorked = false;
  const elector = new LeaderElector({
    client: deps.client,
    clock,
    log,
    lease: { namespace: config.SYSTEM_NAMESPACE, name: LEADER_LEASE },
    // A pod that is made anew may have the old one's name.
    identity: `${config.HOSTNAME}_${randomUUID()}`,
    timing: leaseTiming(config),
    onElected: () => {
      hasWorked = true;
      operator.work();
    },
    onLost,
  });
  const client: KubeClient = deps.client.withLimits({ mayWrite: () => elector.mayWrite() });
  const guarded = await withClient(config, deps, client);
  const operator: Operator = new Operator(config, guarded, metrics);
  const view = {
    isLeading: () => elector.isLeading,
    loads: () => operator.loads,
    requests: () => operator.requests,
    runs: () => operator.runs,
    classes: () => operator.classes,
  };
  metrics.watch(view, clock);
  return {
    elector,
    operator,
    start: async () => {
      await operator.watch();
      elector.start();
    },
    stop: async () => {
      // Nobody is to be elected while everything ends.
      if (!hasWorked) await elector.resign();
      await operator.rest();
      await guarded.events.flush();
      await elector.resign();
      await operator.stop();
    },
  };
}
