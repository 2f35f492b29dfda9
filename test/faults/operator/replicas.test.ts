import { expect } from 'chai';
import { findFreePort } from '../../../dev/processes/free-port.ts';
import type { Lease } from '../../../lib/kube/objects.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { LEADER_LEASE } from '../../../operator/constants.ts';
import { eventually } from '../../support/eventually.ts';
import { FaultWorld } from '../../support/faults/fault-world.ts';
import { CONVERGE_MS, type Life } from '../../support/faults/life.ts';
import { OperatorProcess } from '../../support/faults/operator-process.ts';
import { faultSettings, recordScenario } from '../../support/faults/reliability-report.ts';
import { StandInService } from '../../support/faults/stand-in-service.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';

/** Requests under way when something happens to the leader. */
const LOAD = faultSettings.isFull ? 6 : 2;
/** How long each run takes, so that it can be met in the middle. */
const WORK_MS = 1_500;

interface Replica {
  name: string;
  port: number;
  process: OperatorProcess;
}

describe('two replicas of the operator, with the times of production', function () {
  this.timeout(5 * 60_000);
  const cluster = useTestCluster();
  let service: StandInService;
  let world: FaultWorld;
  let replicas: Replica[] = [];

  before(async () => {
    service = await StandInService.start();
    const ports = [await findFreePort('127.0.0.1'), await findFreePort('127.0.0.1')] as const;
    const settings = (index: 0 | 1): Record<string, string> => ({
      HOSTNAME: `replica-${index}`,
      RUN_API_PORT: String(ports[index]),
      RUN_API_URL: `https://127.0.0.1:${service.port}`,
    });
    world = await FaultWorld.start(cluster, { environment: settings(0) });
    const other = new OperatorProcess({ environment: { ...world.environment, ...settings(1) } });
    await other.start('"message":"ready"');
    replicas = [
      { name: 'replica-0', port: ports[0], process: world.operator },
      { name: 'replica-1', port: ports[1], process: other },
    ];
    world.cloud.workMs = WORK_MS;
    await world.offerThings();
  });
  after(async () => {
    await replicas[1]?.process.stop();
    await world.stop();
    await service.stop();
  });

  function leaseKey(): { namespace: string; name: string } {
    return { namespace: world.world.namespaces.system, name: LEADER_LEASE };
  }

  async function findLeader(): Promise<Replica> {
    const lease = await world.world.client.get<Lease>(RESOURCE_TYPES.leases, leaseKey());
    const holder = lease?.spec?.holderIdentity ?? '';
    const leader = replicas.find(({ name }) => holder.startsWith(`${name}_`));
    if (leader === undefined) throw new Error(`nobody leads: "${holder}"`);
    return leader;
  }

  /** Waits for two that are ready; runners speak to the one that does not lead. */
  async function prepare(): Promise<{ leader: Replica; other: Replica }> {
    const leader = await eventually(findLeader, CONVERGE_MS);
    const other = replicas.find((replica) => replica !== leader)!;
    service.ports = [other.port, leader.port];
    return { leader, other };
  }

  async function awaitOther(leader: Replica): Promise<void> {
    await eventually(async () => expect(await findLeader()).not.to.equal(leader), CONVERGE_MS, 20);
  }

  /** Makes requests, and resolves when the first runs are at work; what is left to await. */
  async function load(name: string): Promise<{ lives: Life[]; ready: Promise<unknown> }> {
    const lives = Array.from({ length: LOAD }, (_, index) => world.life(`${name}-${index}`));
    const ready = Promise.all(lives.map((life) => life.live('create'))).then(
      () => undefined,
      (error: unknown) => error,
    );
    await eventually(() => expect(world.pods.running.length).to.be.above(1), CONVERGE_MS);
    return { lives, ready };
  }

  async function finish(
    scenario: string,
    since: number,
    { lives, ready }: { lives: Life[]; ready: Promise<unknown> },
  ): Promise<void> {
    const failure = (await ready) as Error | undefined;
    const seconds = (performance.now() - since) / 1000;
    const faults = failure === undefined ? 0 : 1;
    recordScenario({ scenario, points: LOAD, seconds, faults });
    const said = replicas.map(({ process }) => process.output.slice(-3_000)).join('\n---\n');
    expect(failure, `${failure?.message}\n${said}`).to.equal(undefined);
    await Promise.all(lives.map((life) => life.live('delete')));
  }

  it('serve runners in the one that does not lead', async () => {
    const { other } = await prepare();
    const before = service.taken.get(other.port) ?? 0;
    await world.liveThrough('served', ['create', 'delete']);
    expect(service.taken.get(other.port)).to.be.above(before);
  });

  it('hand over when the leader is told to end, and do everything once', async () => {
    const { leader } = await prepare();
    const work = await load('ended');
    const since = performance.now();
    leader.process.signal('SIGTERM');
    await awaitOther(leader);
    recordScenario({
      scenario: 'leader told to end: until another leads',
      points: 1,
      seconds: (performance.now() - since) / 1000,
      faults: 0,
    });
    await finish('leader told to end, with runs in progress', since, work);
  });

  if (!faultSettings.isFull) return;

  it('take over when the leader is killed, and do everything once', async () => {
    const { leader } = await prepare();
    const work = await load('killed');
    const since = performance.now();
    leader.process.signal('SIGKILL');
    await awaitOther(leader);
    await finish('leader killed, with runs in progress', since, work);
  });

  it('do everything once when somebody deletes the lease: its holder ends, and one leads', async () => {
    const { leader } = await prepare();
    const work = await load('deleted');
    const accidents = leader.process.accidents.length;
    const since = performance.now();
    await world.world.client.delete(RESOURCE_TYPES.leases, leaseKey());
    await eventually(() => {
      expect(leader.process.accidents).to.have.length(accidents + 1);
    }, CONVERGE_MS);
    expect(leader.process.output).to.include('leadership lost');
    await finish('lease of the leader deleted, with runs in progress', since, work);
  });

  it('take over from a leader that is paused, which writes nothing when it wakes up', async () => {
    const { leader, other } = await prepare();
    const work = await load('paused');
    service.ports = [other.port];
    await leader.process.arm();
    const since = performance.now();
    leader.process.signal('SIGSTOP');
    await awaitOther(leader);
    await finish('leader paused, with runs in progress', since, work);
    const life = world.life('paused-rest');
    await life.live('create');
    const before = await world.world.request('paused-rest');
    const writes = [...leader.process.writes];
    const accidents = leader.process.accidents.length;
    leader.process.signal('SIGCONT');
    await eventually(() => {
      expect(leader.process.accidents).to.have.length(accidents + 1);
    }, CONVERGE_MS);
    expect(leader.process.accidents.at(-1)).to.match(/^1: /);
    expect(leader.process.output).to.include('leadership lost');
    expect(leader.process.writes).to.deep.equal(writes);
    const after = await world.world.request('paused-rest');
    expect(after.metadata.resourceVersion).to.equal(before.metadata.resourceVersion);
    await life.live('delete');
  });
});
