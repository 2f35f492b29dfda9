import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { FileKeyStore } from '../../../api/auth/file-key-store.ts';
import { ANNOTATIONS } from '../../../crds/constants.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import { RESOURCE_REQUESTS } from '../../../crds/resource-types.ts';
import { findFreePort } from '../../../dev/processes/free-port.ts';
import { buildTeam, type Team } from '../../support/api/people.ts';
import { startTestApi, type TestApi } from '../../support/api/test-api.ts';
import { TestClient } from '../../support/api/test-client.ts';
import { eventually } from '../../support/eventually.ts';
import { seededRandom } from '../../support/faults/random.ts';
import { faultSettings, recordScenario } from '../../support/faults/reliability-report.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';
import { ApiProcess } from '../../support/requests/api-process.ts';
import { catalogueOf, ordinaryClasses } from '../../support/requests/class-objects.ts';
import { makeRequest, REQUESTS, type Shown } from '../../support/requests/requests.ts';
import { preparePlatform } from '../../support/requests/synced-api.ts';

const SIZE = faultSettings.isFull
  ? { approvals: 1_000, kills: 100, pauseMs: 1_000 }
  : { approvals: 60, kills: 4, pauseMs: 1_000 };
/** Until the lease of a relay that was killed is over, and a while for the work. */
const SETTLE_MS = 120_000;

interface ApprovedRow {
  id: string;
  status: string;
  resource_uid: string | null;
  approval: string;
  approvals: number;
}

describe('SIGKILL of api and relay during approvals', function () {
  this.timeout(faultSettings.isFull ? 30 * 60_000 : 5 * 60_000);
  const cluster = useTestCluster();
  const random = seededRandom(faultSettings.seed);
  let directory: string;
  let api: TestApi;
  let team: Team;
  let replicas: ApiProcess[] = [];

  before(async () => {
    await preparePlatform(cluster.client);
    api = await startTestApi({ classes: catalogueOf(ordinaryClasses()) });
    team = await buildTeam(api);
    directory = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-keys-'));
    await new FileKeyStore(directory).create(JSON.stringify(api.deps.keys));
    replicas = await Promise.all([buildReplica(), buildReplica()]);
    for (const replica of replicas) replica.start();
    await Promise.all(replicas.map(awaitReady));
  });
  after(async () => {
    await Promise.all(replicas.map((replica) => replica.end('SIGTERM')));
    await api.close();
    rmSync(directory, { recursive: true, force: true });
  });

  /** With the settings that the test's own api has, and relay and mirror besides. */
  const buildReplica = async (): Promise<ApiProcess> =>
    new ApiProcess({
      ...{ HOST: '127.0.0.1', PORT: String(await findFreePort()), LOG_LEVEL: 'warn' },
      DATABASE_URL: api.database.appUrl,
      SYSTEM_DATABASE_URL: api.database.systemUrl,
      KUBECONFIG: cluster.kubeconfig,
      KEYS_DIRECTORY: directory,
      RATE_LIMIT_PER_PRINCIPAL: '1000000',
      RATE_LIMIT_PER_ADDRESS: '1000000',
    });
  const awaitReady = (replica: ApiProcess): Promise<void> =>
    eventually(
      async () => {
        if (!(await replica.isReady())) throw new Error(`not ready: ${replica.output}`);
      },
      60_000,
      100,
    );

  /** Approves one request, however often a replica dies on the way. */
  const approveSurely = async (id: string, first: number): Promise<void> => {
    for (let attempt = first; ; attempt += 1) {
      const replica = replicas[attempt % replicas.length]!;
      const client = new TestClient(replica.url, { ...team.approver.client.headers });
      try {
        const seen = await client.get<Shown>(`${REQUESTS}/${id}`);
        if (seen.status === 200 && seen.body.status !== 'pending') return;
        const headers = { 'if-match': seen.headers.get('etag') ?? '' };
        await client.post(`${REQUESTS}/${id}/approve`, {}, { headers });
      } catch {
        // Nobody there: what became of the call, the next look tells.
        await sleep(50);
      }
    }
  };
  const approveAll = async (ids: readonly string[]): Promise<void> => {
    const waiting = [...ids.entries()];
    const workers = Array.from({ length: 4 }, async () => {
      for (let next = waiting.shift(); next; next = waiting.shift()) {
        await approveSurely(next[1], next[0]);
      }
    });
    await Promise.all(workers);
  };
  const killAtRandom = async (isDone: () => boolean): Promise<number> => {
    let kills = 0;
    while (kills < SIZE.kills && !isDone()) {
      await sleep(random() * SIZE.pauseMs);
      const victim = replicas[Math.floor(random() * replicas.length)]!;
      await victim.end('SIGKILL');
      victim.start();
      kills += 1;
      if (random() < 0.7) await awaitReady(victim);
    }
    return kills;
  };
  const readRows = (): Promise<ApprovedRow[]> =>
    api.deps.database.withSystem('test', async (trx) => {
      const { rows } = await trx.raw<{ rows: ApprovedRow[] }>(
        `select request.id, request.status, request.resource_uid, revision.approval,
           (select count(*)::int from request_events where request_id = request.id
             and type = 'approved') as approvals
         from resource_requests as request join request_revisions as revision
           on revision.request_id = request.id and revision.revision = request.revision`,
      );
      return rows;
    });
  const openTasks = (): Promise<number> =>
    api.deps.database.withSystem('test', async (trx) => {
      const open = await trx('outbox').where({ done_at: null }).pluck<string[]>('id');
      return open.length;
    });

  it('leaves exactly one resource for each approval, and none besides', async () => {
    const made: Shown[] = [];
    for (let index = 0; index < SIZE.approvals; index += 1) made.push(await makeRequest(team));
    const began = performance.now();
    let isDone = false;
    const approving = approveAll(made.map(({ id }) => id)).finally(() => {
      isDone = true;
    });
    const kills = await killAtRandom(() => isDone);
    await approving;
    const seconds = (performance.now() - began) / 1000;
    await Promise.all(replicas.map(awaitReady));
    await eventually(async () => expect(await openTasks()).to.equal(0), SETTLE_MS, 500);

    const rows = await readRows();
    expect(rows.map(({ approvals }) => approvals)).to.deep.equal(made.map(() => 1));
    const resources = await cluster.client.list<ResourceRequest>(RESOURCE_REQUESTS, {
      namespace: team.namespace,
    });
    const found = resources.map(({ metadata, spec }) => ({
      id: metadata.annotations?.[ANNOTATIONS.requestId],
      uid: metadata.uid,
      approval: spec.approval,
    }));
    const wanted = rows.map(({ id, resource_uid, approval }) => ({
      id,
      uid: resource_uid,
      approval,
    }));
    expect(found).to.have.deep.members(wanted);
    recordScenario({
      scenario: `${SIZE.approvals} approvals under SIGKILLs of api and relay`,
      ...{ points: kills, seconds, faults: 0 },
    });
    expect(kills).to.be.above(0);
  });
});
