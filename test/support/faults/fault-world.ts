import { inspect } from 'node:util';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { LEADER_LEASE } from '../../../operator/constants.ts';
import type { TestCluster } from '../kube/test-cluster.ts';
import { OperatorWorld } from '../operator/operator-world.ts';
import { JobPlayer } from '../pods/job-player.ts';
import { PodPlayer } from '../pods/pod-player.ts';
import type { StartProgram } from '../pods/pod-program.ts';
import { scriptedRunner } from '../pods/scripted-runner.ts';
import { Cloud } from './cloud.ts';
import { Life, thingClass, type Phase } from './life.ts';
import { OperatorProcess } from './operator-process.ts';

/** Settings of a {@link FaultWorld}. */
export interface FaultWorldOptions {
  /** What runs in pods; things are made in the cloud unless said otherwise. */
  start?: StartProgram;
  /** Through which the operator reaches the API server. */
  kubeconfig?: string;
  environment?: Record<string, string>;
}

/** An operator as a process, pods that are played, and a cloud whose things can be counted. */
export class FaultWorld {
  readonly world: OperatorWorld;
  readonly cloud: Cloud;
  readonly operator: OperatorProcess;
  readonly pods: PodPlayer;
  readonly #jobs: JobPlayer;
  readonly environment: Record<string, string>;
  className = '';

  private constructor(world: OperatorWorld, cluster: TestCluster, options: FaultWorldOptions) {
    const { client, namespaces } = world;
    this.world = world;
    this.cloud = new Cloud(client, namespaces.system);
    const place = { client, namespace: namespaces.runs };
    const start = options.start ?? scriptedRunner(this.cloud.script);
    this.pods = new PodPlayer({ ...place, start });
    this.#jobs = new JobPlayer(place);
    this.environment = {
      KUBECONFIG: options.kubeconfig ?? cluster.kubeconfig,
      HEALTH_PORT: '0',
      METRICS_PORT: '0',
      ...world.environment,
      ...options.environment,
    };
    this.operator = new OperatorProcess({
      environment: this.environment,
      onKilled: () => this.#freeLease(),
    });
  }

  /** Starts everything; the class is there when it resolves. */
  static async start(cluster: TestCluster, options: FaultWorldOptions = {}): Promise<FaultWorld> {
    const world = await OperatorWorld.prepare(cluster);
    const faults = new FaultWorld(world, cluster, options);
    await faults.pods.start();
    await faults.#jobs.start();
    await faults.operator.start();
    return faults;
  }

  /** Installs the class of things. */
  async offerThings(): Promise<void> {
    this.className = (await this.world.createClass('thing', thingClass)).metadata.name;
  }

  /** A request that lives in this world. */
  life(name: string): Life {
    const { world, cloud, className } = this;
    return new Life({ world, cloud, name, className });
  }

  /** Lives through some phases with nothing going wrong. */
  async liveThrough(name: string, phases: readonly Phase[]): Promise<void> {
    const life = this.life(name);
    for (const phase of phases) await life.live(phase);
  }

  /** What everybody said last, for whoever has to find out what went wrong. */
  describe(): string {
    const { lines } = this.pods.log;
    return `${this.operator.output.slice(-3_000)}\n${inspect(lines.slice(-5), { depth: 4 })}`;
  }

  async stop(): Promise<void> {
    await this.operator.stop();
    await this.#jobs.stop();
    await this.pods.stop();
    await this.world.stop();
  }

  /** How long a dead leader's lease is waited for is the matter of other scenarios. */
  async #freeLease(): Promise<void> {
    const key = { namespace: this.world.namespaces.system, name: LEADER_LEASE };
    await this.world.client.delete(RESOURCE_TYPES.leases, key);
  }
}
