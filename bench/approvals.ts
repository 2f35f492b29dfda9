import path from 'node:path';
import { FileKeyStore } from '../api/auth/file-key-store.ts';
import { writeServiceAccountKubeconfig } from '../dev/kubernetes/service-account-kubeconfig.ts';
import { findFreePort } from '../dev/processes/free-port.ts';
import { waitFor } from '../dev/processes/wait-for.ts';
import type { RunningProcess } from '../dev/processes/supervisor.ts';
import { startTestSession } from '../dev/testing/test-session.ts';
import { buildTeam, type Team } from '../test/support/api/people.ts';
import { startTestApi, type TestApi } from '../test/support/api/test-api.ts';
import { TestClient } from '../test/support/api/test-client.ts';
import { catalogueOf, ordinaryClasses } from '../test/support/requests/class-objects.ts';
import { makeRequest, REQUESTS, type Shown } from '../test/support/requests/requests.ts';
import { PLATFORM, preparePlatform } from '../test/support/requests/synced-api.ts';
import { Arrivals } from './arrivals.ts';
import { describeMachine, readLoad, type Figure, type Section } from './document.ts';
import { startBenchCluster, type BenchCluster } from './operator/bench-cluster.ts';
import { inParallel } from './operator/in-parallel.ts';
import { quantile } from './operator/quantile.ts';

const WARM_UP = 20;
const ONE_BY_ONE = 300;
const AT_ONCE = { requests: 600, callers: 20 };
const GOALS = { median: 50, p99: 1_000 };

/** From the call that approves a request to the custom resource, as a watch sees it. */
export async function benchApprovals(): Promise<Section> {
  const cluster = await startBenchCluster();
  await preparePlatform(cluster.client);
  const api = await startTestApi({ classes: catalogueOf(ordinaryClasses()) });
  const team = await buildTeam(api);
  const url = await startReplica(cluster, api);
  const approver = new TestClient(url, { ...team.approver.client.headers });
  const arrivals = new Arrivals(cluster.client, team.namespace, api.deps.log);
  await arrivals.start();
  await measure({ team, approver, arrivals }, WARM_UP, 1);
  const loadBefore = readLoad();
  const single = await measure({ team, approver, arrivals }, ONE_BY_ONE, 1);
  const crowd = await measure({ team, approver, arrivals }, AT_ONCE.requests, AT_ONCE.callers);
  await arrivals.stop();
  await api.close();
  return {
    title: 'Approvals',
    figures: [
      ...describe('one by one', single, GOALS.median),
      ...describe(`${AT_ONCE.callers} callers at once`, crowd),
    ],
    notes: [
      ...describeMachine(loadBefore),
      `From sending the approval to the custom resource in a watch: ${ONE_BY_ONE} one after the other, then ${AT_ONCE.requests} by ${AT_ONCE.callers} callers.`,
      'Real: the api as a process of its own with its relay and mirror, PostgreSQL, API server and etcd. Nobody works on the resources.',
    ],
  };
}

/** @param median the goal for it, where there is one: a crowd waits for its turn */
function describe(how: string, milliseconds: readonly number[], median?: number): Figure[] {
  const what = `approval → custom resource, ${how}`;
  const unit = ' ms';
  return [
    { what: `${what}: median`, measured: quantile(milliseconds, 0.5), unit, goal: median },
    { what: `${what}: p99`, measured: quantile(milliseconds, 0.99), unit, goal: GOALS.p99 },
  ];
}

/** The api with relay and mirror; the bench's own has neither. */
async function startReplica(cluster: BenchCluster, api: TestApi): Promise<string> {
  const session = startTestSession();
  const keys = session.makeDirectory('keys');
  await new FileKeyStore(keys).create(JSON.stringify(api.deps.keys));
  const kubeconfig = path.join(keys, 'api.kubeconfig');
  // Only the api's own account may write approvals.
  const account = { namespace: PLATFORM.system, serviceAccount: 'quartermaster-api' };
  await writeServiceAccountKubeconfig(cluster.kubeconfig, account, kubeconfig);
  const port = await findFreePort('127.0.0.1');
  const url = `http://127.0.0.1:${port}`;
  const replica: RunningProcess = session.supervisor.start({
    name: 'api',
    command: process.execPath,
    args: [path.resolve(import.meta.dirname, '../api/main.ts')],
    env: {
      ...{ HOST: '127.0.0.1', PORT: String(port), LOG_LEVEL: 'warn' },
      DATABASE_URL: api.database.appUrl,
      SYSTEM_DATABASE_URL: api.database.systemUrl,
      KUBECONFIG: kubeconfig,
      KEYS_DIRECTORY: keys,
      RATE_LIMIT_PER_PRINCIPAL: '1000000',
      RATE_LIMIT_PER_ADDRESS: '1000000',
    },
  });
  await waitFor(async () => (await fetch(`${url}/ready`)).ok, {
    what: 'the api to be ready',
    process: replica,
    intervalMs: 50,
  });
  return url;
}

interface Stage {
  team: Team;
  approver: TestClient;
  arrivals: Arrivals;
}

/** Makes requests, then approves them; milliseconds of each. */
async function measure(stage: Stage, count: number, callers: number): Promise<number[]> {
  const made: Shown[] = [];
  for (let index = 0; index < count; index += 1) made.push(await makeRequest(stage.team));
  return inParallel(made, callers, async ({ id, name }) => {
    const seen = await stage.approver.get(`${REQUESTS}/${id}`);
    const headers = { 'if-match': seen.headers.get('etag') ?? '' };
    const begin = performance.now();
    const arrived = stage.arrivals.of(name);
    const answer = await stage.approver.post(`${REQUESTS}/${id}/approve`, {}, { headers });
    if (answer.status !== 200) throw new Error(`approving was answered with ${answer.status}`);
    return (await arrived) - begin;
  });
}
