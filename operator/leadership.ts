import { randomUUID } from 'node:crypto';
import type { KubeClient } from '../lib/kube/client.ts';
import { leaseTiming, type OperatorConfig } from './config.ts';
import { LEADER_LEASE } from './constants.ts';
import { LeaderElector } from './controller/leader-elector.ts';
import { withClient, type OperatorDeps } from './deps.ts';
import { OtherInstallationError } from './errors.ts';
import type { OperatorMetrics } from './metrics/operator-metrics.ts';
import { Operator } from './operator.ts';

/** The part of the operator that works in one replica only, and the election that says in which. */
export interface Leadership {
  readonly elector: LeaderElector;
  readonly operator: Operator;
  /**
   * Watches everything, then stands for election; resolves when a takeover would be fast.
   *
   * @throws {OtherInstallationError} when somebody else's operator serves this cluster
   */
  start(): Promise<void>;
  /** Ends the work, and only then frees the lease, so that the next leader meets nobody. */
  stop(): Promise<void>;
}

/**
 * Builds an operator that changes nothing unless it leads: its client asks the elector before every
 * write.
 *
 * @param settings.onLost called when this replica must not work any more although nobody stopped it,
 *   because another leads or another installation is here: end the process
 */
export async function buildLeadership(
  config: OperatorConfig,
  deps: OperatorDeps,
  { onLost, metrics }: { onLost: (reason: string) => void; metrics: OperatorMetrics },
): Promise<Leadership> {
  const { clock, log } = deps;
  let hasWorked = false;
  let isStanding = false;
  let other: OtherInstallationError | undefined;
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
    onLost: () => onLost('leadership lost'),
  });
  const client: KubeClient = deps.client.withLimits({
    mayWrite: () => other === undefined && elector.mayWrite(),
  });
  const guarded = await withClient(config, deps, client);
  const operator: Operator = new Operator(config, guarded, {
    observer: metrics,
    onOtherInstallation: (found) => {
      if (other !== undefined) return;
      other = new OtherInstallationError(found);
      log.error('another installation serves this cluster', { error: other });
      if (isStanding) onLost('another installation');
    },
  });
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
      if (other !== undefined) throw other;
      isStanding = true;
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
