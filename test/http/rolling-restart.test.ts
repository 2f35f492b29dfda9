import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from 'chai';
import { Agent, request } from 'undici';
import { FileKeyStore } from '../../api/auth/file-key-store.ts';
import { findFreePort } from '../../dev/processes/free-port.ts';
import { buildTeam, type Team } from '../support/api/people.ts';
import { PodService } from '../support/api/pod-service.ts';
import { startTestApi, unique, type TestApi } from '../support/api/test-api.ts';
import { eventually } from '../support/eventually.ts';
import { ApiProcess } from '../support/requests/api-process.ts';

const CLIENTS = 6;
/** How long kube-proxy may still send connections to a pod that is told to end. */
const ENDPOINT_LAG_MS = 300;

/** What became of the calls. */
interface Tally {
  reads: number;
  made: string[];
  failures: string[];
}

describe('a rolling restart of the api', function () {
  this.timeout(120_000);
  let api: TestApi;
  let team: Team;
  let directory: string;
  let service: PodService;
  let replicas: { port: number; process: ApiProcess }[];

  before('start two replicas behind one address', async () => {
    api = await startTestApi();
    team = await buildTeam(api);
    directory = mkdtempSync(path.join(tmpdir(), 'quartermaster-test-keys-'));
    await new FileKeyStore(directory).create(JSON.stringify(api.deps.keys));
    service = await PodService.start();
    replicas = await Promise.all([buildReplica(), buildReplica()]);
    await Promise.all(replicas.map((replica) => start(replica)));
  });
  after(async () => {
    await Promise.all(replicas.map(({ process }) => process.end('SIGTERM')));
    await Promise.all([service.stop(), api.close()]);
    rmSync(directory, { recursive: true, force: true });
  });

  async function buildReplica(): Promise<{ port: number; process: ApiProcess }> {
    const port = await findFreePort();
    const process = new ApiProcess({
      ...{ HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'warn', KUBERNETES: 'disabled' },
      DATABASE_URL: api.database.appUrl,
      SYSTEM_DATABASE_URL: api.database.systemUrl,
      KEYS_DIRECTORY: directory,
      DRAIN_SECONDS: '5',
      RATE_LIMIT_PER_PRINCIPAL: '1000000',
      RATE_LIMIT_PER_ADDRESS: '1000000',
    });
    return { port, process };
  }

  /** As Kubernetes starts a pod: it is an endpoint once it is ready. */
  async function start({ port, process }: (typeof replicas)[number]): Promise<void> {
    process.start();
    const look = async (): Promise<void> => {
      if (!(await process.isReady())) throw new Error(`not ready: ${process.output}`);
    };
    await eventually(look, 60_000, 100);
    service.endpoints.push(port);
  }

  /** As Kubernetes ends a pod: it is told at once, and stops being an endpoint a moment later. */
  async function restart(replica: (typeof replicas)[number]): Promise<void> {
    const ended = replica.process.end('SIGTERM');
    await sleep(ENDPOINT_LAG_MS);
    service.endpoints.splice(service.endpoints.indexOf(replica.port), 1);
    await ended;
    await start(replica);
  }

  /** Reads and writes by turns, on a connection that it keeps as long as it may. No call twice. */
  async function callUntil(isOver: () => boolean, tally: Tally): Promise<void> {
    const agent = new Agent({ connections: 1, pipelining: 1 });
    while (!isOver()) {
      try {
        await call(agent, 'GET', '/api/v1/auth/me');
        tally.reads += 1;
        const name = unique('team');
        await call(agent, 'POST', '/api/v1/teams', { name });
        tally.made.push(name);
      } catch (error) {
        tally.failures.push(String(error));
      }
    }
    await agent.close();
  }

  async function call(
    dispatcher: Agent,
    method: 'GET' | 'POST',
    at: string,
    body?: object,
  ): Promise<void> {
    const headers = { ...team.admin.client.headers, 'content-type': 'application/json' };
    const sent = body === undefined ? {} : { body: JSON.stringify(body) };
    const answer = await request(service.url + at, { dispatcher, method, headers, ...sent });
    const text = await answer.body.text();
    if (answer.statusCode >= 300) throw new Error(`${method} ${at}: ${answer.statusCode} ${text}`);
  }

  it('fails no call of clients that keep their connections, and does each write once', async () => {
    const tally: Tally = { reads: 0, made: [], failures: [] };
    let isOver = false;
    const clients = Array.from({ length: CLIENTS }, () => callUntil(() => isOver, tally));
    for (const replica of replicas) await restart(replica);
    isOver = true;
    await Promise.all(clients);
    expect(tally.failures).to.deep.equal([]);
    expect(tally.reads).to.be.above(CLIENTS);
    const names = await api.deps.database.withSystem('test', async (trx) =>
      trx('teams').where({ organization_id: team.organizationId }).pluck<string[]>('name'),
    );
    expect(names.toSorted()).to.deep.equal(tally.made.toSorted());
  });
});
