import { expect } from 'chai';
import { createRunLogs } from '../../../api/run-logs/run-logs.ts';
import { RunLogFeed } from '../../../api/run-logs/run-log-feed.ts';
import { LogStream } from '../../../api/run-logs/log-stream.ts';
import { TooManyStreamsError } from '../../../api/errors.ts';
import { API_VERSION, LABELS } from '../../../crds/constants.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import { RESOURCE_REQUESTS, RESOURCE_RUNS } from '../../../crds/resource-types.ts';
import { packLines, pieceKey, RUN_LOG_KEYS, runLogName } from '../../../crds/run-log.ts';
import { systemClock } from '../../../lib/clock.ts';
import { RESOURCE_TYPES } from '../../../lib/kube/resource-types.ts';
import { buildTeam, type Team } from '../../support/api/people.ts';
import { expectProblem } from '../../support/api/test-client.ts';
import { eventually } from '../../support/eventually.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';
import { QuietLogger } from '../../support/quiet-logger.ts';
import { readEvents } from '../../support/requests/event-reader.ts';
import { makeApproved, REQUESTS } from '../../support/requests/requests.ts';
import { PLATFORM, startSyncedApi, type SyncedApi } from '../../support/requests/synced-api.ts';

describe('the logs of runs', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  let api: SyncedApi;
  let team: Team;
  before(async () => {
    api = await startSyncedApi(cluster);
    team = await buildTeam(api);
  });
  after(() => api.close());

  const { runs: namespace } = PLATFORM;
  /** A run that the api knows, and the path of its log. */
  const makeRun = async (): Promise<{ run: string; path: string }> => {
    const made = await makeApproved(team);
    const { metadata } = await eventually(async () => {
      const found = await api.kube.get<ResourceRequest>(RESOURCE_REQUESTS, made.resource!);
      if (!found) throw new Error('no resource yet');
      return found;
    });
    const run = `${made.name}-apply-1`;
    await api.kube.create(RESOURCE_RUNS, {
      ...{ apiVersion: API_VERSION, kind: 'ResourceRun', metadata: { namespace, name: run } },
      spec: {
        requestRef: { namespace: metadata.namespace, name: metadata.name, uid: metadata.uid },
        ...{ action: 'Apply', attempt: 1, classRevision: 'trivial-1', inputsDigest: 'sha256:0' },
      },
    } as never);
    const path = `${REQUESTS}/${made.id}/runs`;
    await eventually(async () => {
      const { body } = await team.readOnly.client.get<{ items: object[] }>(path);
      expect(body.items).to.have.length(1);
    });
    return { run, path: `${path}/${run}/log` };
  };
  const write = async (run: string, first: number, lines: string[]): Promise<void> => {
    const piece = { [pieceKey(first)]: packLines(lines) };
    const metadata = { namespace, name: runLogName(run), labels: { [LABELS.run]: run } };
    if (first > 1) {
      await api.kube.mergePatch(RESOURCE_TYPES.configMaps, metadata, { binaryData: piece });
      return;
    }
    const log = { apiVersion: 'v1', kind: 'ConfigMap', metadata, binaryData: piece };
    await api.kube.create(RESOURCE_TYPES.configMaps, log as never);
  };
  const complete = async (run: string): Promise<void> => {
    await api.kube.mergePatch(
      RESOURCE_TYPES.configMaps,
      { namespace, name: runLogName(run) },
      { data: { [RUN_LOG_KEYS.complete]: 'true' } },
    );
  };
  const open = async (
    path: string,
    headers: Record<string, string> = {},
    signal?: AbortSignal,
  ): Promise<Response> =>
    fetch(new URL(path, api.url), {
      headers: { ...team.readOnly.client.headers, accept: 'text/event-stream', ...headers },
      ...(signal && { signal }),
    });

  it('are nobody’s in another organisation', async () => {
    const { run, path } = await makeRun();
    await write(run, 1, ['secret of ours']);
    const others = await buildTeam(api);
    expectProblem(await others.admin.client.get(path), 404, 'NOT_FOUND');
    const other = path.replace(run, 'quartermaster-1');
    expectProblem(await team.readOnly.client.get(other), 404, 'NOT_FOUND');
  });

  it('do not exist before the first line', async () => {
    const { path } = await makeRun();
    expectProblem(await team.readOnly.client.get(path), 404, 'NOT_FOUND');
  });

  it('can be read as text at any time', async () => {
    const { run, path } = await makeRun();
    await write(run, 1, ['one', 'two']);
    const answer = await team.readOnly.client.get<string>(path);
    expect(answer.headers.get('content-type')).to.equal('text/plain; charset=utf-8');
    expect(answer.headers.get('cache-control')).to.equal('no-store');
    expect(answer.body).to.equal('one\ntwo\n');
  });

  it('come as events while the run is on, and end with it', async () => {
    const { run, path } = await makeRun();
    const response = await open(path);
    expect(response.headers.get('content-type')).to.match(/^text\/event-stream/);
    await write(run, 1, ['one', 'two\rthree']);
    const events = await readEvents(response.body!, async ({ data }) => {
      if (data === 'two\nthree') await write(run, 3, ['four']);
      if (data === 'four') await complete(run);
    });
    expect(events.map(({ id, event, data }) => [id, event, data])).to.deep.equal([
      ['1', 'message', 'one'],
      ['2', 'message', 'two\nthree'],
      ['3', 'message', 'four'],
      ['3', 'end', ''],
    ]);
  });

  it('go on where a reader was', async () => {
    const { run, path } = await makeRun();
    await write(run, 1, ['one', 'two']);
    await complete(run);
    const events = await readEvents((await open(path, { 'last-event-id': '1' })).body!);
    expect(events.map(({ data }) => data)).to.deep.equal(['two', '']);
    const rest = await readEvents((await open(path, { 'last-event-id': '2' })).body!);
    expect(rest.map(({ event }) => event)).to.deep.equal(['end']);
  });

  it('hold nothing any more when the reader has gone, and one watch for all readers', async () => {
    const { run } = await makeRun();
    await write(run, 1, ['one']);
    const feed = new RunLogFeed({
      client: api.kube,
      namespace,
      clock: systemClock,
      log: new QuietLogger(),
    });
    const stopping = new AbortController().signal;
    const streams = [0, 1].map(
      () => new LogStream({ feed, run, after: 0, stopping, heartbeatMs: 10 }),
    );
    await eventually(() => {
      const text = String(streams[0]!.read() ?? '');
      expect(text).to.contain('data: one').and.to.contain(': \n\n');
    });
    expect(feed.watched).to.equal(1);
    streams[0]!.destroy();
    expect(feed.watched).to.equal(1);
    streams[1]!.destroy();
    expect(feed.watched).to.equal(0);
  });

  it('are for so many readers at once, and end with the process', async () => {
    const { run } = await makeRun();
    const stopping = new AbortController();
    const logs = createRunLogs({
      ...{
        client: api.kube,
        namespace,
        clock: systemClock,
        log: new QuietLogger(),
        streamLimit: 1,
      },
      stopping: stopping.signal,
    });
    const stream = logs.openStream(run, 0).resume();
    expect(() => logs.openStream(run, 0)).to.throw(TooManyStreamsError);
    const closed = new Promise((resolve) => stream.once('close', resolve));
    stopping.abort();
    await closed;
    logs.openStream(run, 0).destroy();
  });

  it('free the place of a reader who went away', async () => {
    const { run, path } = await makeRun();
    await write(run, 1, ['one']);
    for (let index = 0; index < 120; index += 1) {
      const leaving = new AbortController();
      const response = await open(path, {}, leaving.signal);
      expect(response.status, String(index)).to.equal(200);
      leaving.abort();
      await response.text().catch(() => undefined);
    }
  });
});
