import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect } from 'chai';
import { parse } from 'yaml';
import { deliverMails } from '../../../api/mail/mail-delivery.ts';
import { startNotifications } from '../../../api/notifications/start-notifications.ts';
import type { ResourceClass } from '../../../crds/resource-class.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';
import type { ResourceRun } from '../../../crds/resource-run.ts';
import {
  RESOURCE_CLASSES,
  RESOURCE_REQUESTS,
  RESOURCE_RUNS,
} from '../../../crds/resource-types.ts';
import { checkoutDirectory } from '../../../dev/paths.ts';
import { eventually } from '../../support/eventually.ts';
import { GuideSession } from '../../support/guide/guide-session.ts';
import { readGuide } from '../../support/guide/read-guide.ts';
import { useTestCluster } from '../../support/kube/test-cluster.ts';
import { tokenIn } from '../../support/mail/mailing-api.ts';
import { startSmtpInbox, type SmtpInbox } from '../../support/mail/smtp-inbox.ts';
import { OperatorWorld } from '../../support/operator/operator-world.ts';
import { JobPlayer } from '../../support/pods/job-player.ts';
import { PodPlayer } from '../../support/pods/pod-player.ts';
import { realRunner } from '../../support/pods/real-runner.ts';
import {
  startWebhookReceiver,
  type WebhookReceiver,
} from '../../support/requests/webhook-receiver.ts';
import { startSyncedApi, type SyncedApi } from '../../support/requests/synced-api.ts';
import { findTofu } from '../../support/runs/find-tofu.ts';

/** Where a block needs what a mail has brought: the variable, and whose mail. */
const FROM_MAILS: Readonly<Record<string, string>> = {
  RESET: 'ada@example.com',
  INVITATION: 'dev@example.com',
};

describe('the guide to the API, played with a real curl, operator and engine', function () {
  this.timeout(150_000);
  const cluster = useTestCluster();
  let world: OperatorWorld;
  let api: SyncedApi;
  let inbox: SmtpInbox;
  let hook: WebhookReceiver;
  let pods: PodPlayer;
  let jobs: JobPlayer;
  let session: GuideSession;
  let isBroken = false;
  let stopNotifications: () => Promise<void>;

  before('start everything that the guide speaks of', async function () {
    this.timeout(15 * 60_000);
    const tofu = await findTofu();
    world = await OperatorWorld.prepare(cluster);
    [inbox, hook] = await Promise.all([startSmtpInbox(), startWebhookReceiver()]);
    api = await startSyncedApi(cluster, world.namespaces, {
      ...{ SMTP_URL: inbox.url, MAIL_FROM: 'platform@example.com' },
      WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8',
    });
    stopNotifications = startNotifications(api.deps);
    await world.startOperator();
    const place = { client: world.client, namespace: world.namespaces.runs };
    pods = new PodPlayer({ ...place, start: realRunner({ tofu }) });
    jobs = new JobPlayer(place);
    await Promise.all([pods.start(), jobs.start(), offerPostgres()]);
    const HOOK_URL = `http://127.0.0.1:${hook.port}/`;
    session = new GuideSession({ QM_URL: api.url, HOOK_URL });
  });
  after(async () => {
    session.close();
    await stopNotifications();
    await Promise.all([jobs.stop(), pods.stop()]);
    await world.stop();
    await world.client.delete(RESOURCE_CLASSES, { name: 'postgres' });
    await api.close();
    await Promise.all([inbox.close(), hook.close()]);
  });

  /** The class of the catalogue, with a module that makes nothing. */
  async function offerPostgres(): Promise<void> {
    const file = path.join(checkoutDirectory, 'catalog', 'classes', 'postgres.yaml');
    const written = parse(readFileSync(file, 'utf8')) as ResourceClass;
    const source = path.resolve(import.meta.dirname, '../../support/modules/database');
    const spec = { ...written.spec, module: { source }, runner: undefined };
    await world.client.create(RESOURCE_CLASSES, { ...written, spec });
    await eventually(() => {
      if (!api.sync.classes.find('postgres')) throw new Error('not offered yet');
    });
  }

  /** What the reader would take out of the newest mail. */
  async function fetchFromMails(script: string): Promise<void> {
    for (const [name, address] of Object.entries(FROM_MAILS)) {
      if (!script.includes(`$${name}`)) continue;
      await deliverMails({ ...api.deps, mailer: api.deps.mailer! });
      const mail = inbox.mails.findLast(({ to }) => to.includes(address));
      session.set({ [name]: tokenIn(mail!) });
    }
  }

  /** What a failed block is understood by. */
  async function describeState(): Promise<unknown[]> {
    const requests = await world.client.list<ResourceRequest>(RESOURCE_REQUESTS);
    const runs = await world.client.list<ResourceRun>(RESOURCE_RUNS, {
      namespace: world.namespaces.runs,
    });
    const answers = api.logged.filter(({ level }) => level !== 'debug').slice(-10);
    return [
      ...requests.map(({ metadata, status }) => ({ name: metadata.name, status })),
      ...runs.map(({ metadata, spec, status }) => [metadata.name, spec.action, status]),
      ...[...answers, ...world.problems()],
    ];
  }

  for (const { title, script } of readGuide('api.md')) {
    it(title, async function () {
      // Each block builds on those before.
      if (isBroken) return this.skip();
      try {
        await fetchFromMails(script);
        await session.play(script);
      } catch (error) {
        isBroken = true;
        const seen = (await describeState()).map((line) => JSON.stringify(line));
        throw new Error(`${String(error)}\n${seen.join('\n')}`, { cause: error });
      }
    });
  }

  it('has called every kind of thing that people do', () => {
    const called = api.logged.flatMap(({ message, method, path: at }) =>
      message === 'request' ? [`${String(method)} ${String(at).split('/')[3] ?? ''}`] : [],
    );
    const kinds = ['orgs', 'teams', 'users', 'resource-classes', 'resource-requests', 'api-keys'];
    const more = ['rbac', 'quotas', 'usage', 'audit-logs', 'webhooks', 'auth'];
    expect([...new Set(called.map((call) => call.split(' ')[1]))]).to.include.members([
      ...kinds,
      ...more,
    ]);
  });
});
