import { createHmac } from 'node:crypto';
import { expect } from 'chai';
import { deliverDue } from '../../api/notifications/deliver.ts';
import { fanOut } from '../../api/notifications/fan-out.ts';
import { deliveryDependencies } from '../../api/notifications/start-notifications.ts';
import { warnOfExpiry } from '../../api/notifications/warn-of-expiry.ts';
import type { Database } from '../../api/db/database.ts';
import { buildTeam, type Team } from '../support/api/people.ts';
import { expectProblem, type Answer } from '../support/api/test-client.ts';
import { startMailingApi, type MailingApi } from '../support/mail/mailing-api.ts';
import { buildClass, catalogueOf, ordinaryClasses } from '../support/requests/class-objects.ts';
import { finishPlan } from '../support/requests/plans.ts';
import { approve, makeApproved, makeRequest, REQUESTS } from '../support/requests/requests.ts';
import {
  startWebhookReceiver,
  type WebhookReceiver,
} from '../support/requests/webhook-receiver.ts';

const WEBHOOKS = '/api/v1/webhooks';
const ALLOWED = { WEBHOOK_ALLOWED_NETWORKS: '127.0.0.0/8' };

interface Hook {
  id: string;
  url: string;
  secret: string;
  is_enabled: boolean;
}
interface SentMessage {
  id: string;
  type: string;
  status: string;
  attempts: number;
  response_status: number | null;
  last_error: string | null;
}

const planned = buildClass('planned', { approval: { mode: 'Manual', preview: 'Required' } });

describe('notifications', function () {
  this.timeout(60_000);
  let api: MailingApi;
  let team: Team;
  let receiver: WebhookReceiver;
  let database: Database;
  before(async () => {
    receiver = await startWebhookReceiver();
    api = await startMailingApi(ALLOWED, { classes: catalogueOf([...ordinaryClasses(), planned]) });
    database = api.deps.database;
  });
  beforeEach(async () => {
    team = await buildTeam(api);
    receiver.calls.length = 0;
    receiver.answer(204);
    await deliverAll();
    api.inbox.mails.length = 0;
  });
  after(async () => {
    await api.close();
    await receiver.close();
  });

  const urlOf = (path: string): string => `http://127.0.0.1:${receiver.port}/${path}`;
  const makeHook = async (body: object = {}): Promise<Hook> => {
    const answer = await team.admin.client.post<Hook>(WEBHOOKS, { url: urlOf('hook'), ...body });
    expect(answer.status, JSON.stringify(answer.body)).to.equal(201);
    return answer.body;
  };
  const deliverAll = async (environment = api.deps.config): Promise<void> => {
    const delivery = deliveryDependencies({ ...api.deps, config: environment });
    while ((await fanOut(database, true)) > 0);
    while ((await deliverDue(delivery)) > 0);
    await delivery.webhooks.close();
  };
  const makeDue = (): Promise<unknown> =>
    database.withSystem('test', (trx) =>
      trx('notification_deliveries').update({ available_at: trx.fn.now() }),
    );
  const messagesOf = async (hook: Hook): Promise<SentMessage[]> =>
    (await team.admin.client.get<{ items: SentMessage[] }>(`${WEBHOOKS}/${hook.id}/deliveries`))
      .body.items;
  const typesOf = (): string[] =>
    receiver.calls.map(({ body }) => (JSON.parse(body) as { type: string }).type);

  describe('denials', () => {
    for (const role of ['developer', 'approver', 'readOnly'] as const) {
      it(`lets ${role} neither see nor make webhooks`, async () => {
        const { client } = team[role];
        expectProblem(await client.get(WEBHOOKS), 403, 'FORBIDDEN');
        expectProblem(await client.post(WEBHOOKS, { url: urlOf('x') }), 403, 'FORBIDDEN');
      });
    }

    it('shows a webhook to nobody in another organisation', async () => {
      const { id } = await makeHook();
      const other = await buildTeam(api);
      for (const path of ['', '/deliveries']) {
        const answer = await other.admin.client.get(`${WEBHOOKS}/${id}${path}`);
        expectProblem(answer, 404, 'NOT_FOUND');
      }
      expectProblem(await other.admin.client.delete(`${WEBHOOKS}/${id}`), 404, 'NOT_FOUND');
    });

    it('never calls an address that is not public, by number or by name', async () => {
      const urls = [`http://127.0.0.1:${receiver.port}/`, `http://localhost:${receiver.port}/`];
      const hooks = await Promise.all(urls.map((url) => makeHook({ url })));
      await makeRequest(team);
      await deliverAll({ ...api.deps.config, WEBHOOK_ALLOWED_NETWORKS: [] });
      expect(receiver.calls).to.deep.equal([]);
      for (const hook of hooks) {
        const [message] = await messagesOf(hook);
        expect(message?.last_error).to.contain('not on the public internet');
      }
    });

    it('follows no redirect', async () => {
      const hook = await makeHook({ events: ['request.submitted'] });
      receiver.answer(302, { location: urlOf('elsewhere') });
      await makeRequest(team);
      await deliverAll();
      expect(receiver.calls).to.have.length(1);
      expect((await messagesOf(hook))[0]).to.include({ status: 'pending', response_status: 302 });
    });

    it('wants addresses without passwords', async () => {
      const answer = await team.admin.client.post(WEBHOOKS, {
        url: 'https://user:pw@example.com/',
      });
      expectProblem(answer, 422, 'VALIDATION_FAILED');
    });
  });

  it('shows the secret once, and keeps it encrypted', async () => {
    const hook = await makeHook();
    expect(hook.secret).to.match(/^whsec_/);
    const shown = await team.admin.client.get(`${WEBHOOKS}/${hook.id}`);
    expect(shown.body).not.to.have.property('secret');
    const rows = await database.withSystem('test', async (trx) => trx('webhooks').select('*'));
    expect(JSON.stringify(rows)).not.to.contain(hook.secret.slice(6));
  });

  it('signs what it sends, as Standard Webhooks has it', async () => {
    const hook = await makeHook({ events: ['request.submitted'] });
    const made = await makeRequest(team);
    await deliverAll();
    expect(receiver.calls).to.have.length(1);
    const [{ headers, body }] = receiver.calls as [(typeof receiver.calls)[0]];
    const signed = `${String(headers['webhook-id'])}.${String(headers['webhook-timestamp'])}.${body}`;
    const key = Buffer.from(hook.secret.slice(6), 'base64');
    const signature = createHmac('sha256', key).update(signed).digest('base64');
    expect(headers['webhook-signature']).to.equal(`v1,${signature}`);
    expect(JSON.parse(body)).to.have.nested.property('data.request.id', made.id);
  });

  it('tells of the whole way of a request, each thing once', async () => {
    await makeHook();
    const { id } = await makeRequest(team);
    await deliverAll();
    await approve(team.approver.client, id);
    await deliverAll();
    const rejected = await makeRequest(team);
    await team.approver.client.post(`${REQUESTS}/${rejected.id}/reject`, { reason: 'no' });
    await deliverAll();
    await deliverAll();
    expect(typesOf().sort()).to.deep.equal([
      'request.approved',
      'request.needs_approval',
      'request.rejected',
      'request.submitted',
      'request.submitted',
    ]);
  });

  it('tells who asked that the plan failed, and the approvers nothing before there is one', async () => {
    await makeHook({ events: ['request.plan_failed', 'request.needs_approval'] });
    const { id, name } = await makeRequest(team, { class_name: 'planned' });
    const failure = { type: 'Configuration', message: 'Error: no such zone' };
    await finishPlan(api, id, { failure });
    await deliverAll();
    expect(typesOf()).to.deep.equal(['request.plan_failed']);
    const mails = api.inbox.mails.filter(({ text }) =>
      text.includes(`Subject: Quartermaster: ${name} could not be planned`),
    );
    expect(mails.map(({ to }) => to)).to.deep.equal([[team.developer.email]]);
    expect(mails[0]?.text).to.include(failure.message);
  });

  it('warns once of an approval that ends soon', async () => {
    await makeHook({ events: ['request.expires_soon'] });
    const { id } = await makeApproved(team);
    const soon = new Date(Date.now() + 60 * 3_600_000);
    expect(await warnOfExpiry(database, new Date())).to.equal(0);
    expect(await warnOfExpiry(database, soon)).to.be.above(0);
    expect(await warnOfExpiry(database, soon)).to.equal(0);
    await deliverAll();
    const ours = receiver.calls.filter(({ body }) => body.includes(id));
    expect(ours).to.have.length(1);
    expect(ours[0]?.body).to.contain('request.expires_soon');
  });

  it('tries again later with the same id, and gives up after days', async () => {
    const hook = await makeHook({ events: ['request.submitted'] });
    receiver.answer(503);
    await makeRequest(team);
    await deliverAll();
    expect((await messagesOf(hook))[0]).to.include({ status: 'pending', attempts: 1 });
    await deliverAll();
    expect(receiver.calls, 'not before it is due').to.have.length(1);
    for (let attempt = 2; attempt <= 10; attempt += 1) {
      await makeDue();
      await deliverAll();
    }
    expect((await messagesOf(hook))[0]).to.include({ status: 'failed', attempts: 10 });
    expect(new Set(receiver.calls.map(({ headers }) => headers['webhook-id'])).size).to.equal(1);
  });

  it('sends a message again when somebody asks for it', async () => {
    const hook = await makeHook({ events: ['request.submitted'] });
    await makeRequest(team);
    await deliverAll();
    const [message] = await messagesOf(hook);
    const path = `${WEBHOOKS}/${hook.id}/deliveries/${message!.id}/resend`;
    expect((await team.admin.client.post(path)).status).to.equal(202);
    await deliverAll();
    expect(receiver.calls.map(({ headers }) => headers['webhook-id'])).to.deep.equal([
      message!.id,
      message!.id,
    ]);
  });

  it('stops for a receiver that says it is gone, and when it is switched off', async () => {
    const hook = await makeHook({ events: ['request.submitted'] });
    receiver.answer(410);
    await makeRequest(team);
    await deliverAll();
    const path = `${WEBHOOKS}/${hook.id}`;
    const { body } = await team.admin.client.get<Hook>(path);
    expect(body.is_enabled).to.equal(false);
    await makeRequest(team);
    await deliverAll();
    expect(receiver.calls).to.have.length(1);
    const change: Answer<Hook> = await team.admin.client.patch<Hook>(path, { is_enabled: true });
    expect(change.body.is_enabled).to.equal(true);
    expect((await team.admin.client.delete(path)).status).to.equal(204);
  });

  it('tells people by mail: who decides what there is to decide, who asked what became of it', async () => {
    const { id, name } = await makeRequest(team);
    await deliverAll();
    const about = (text: string): string[] =>
      api.inbox.mails
        .filter((mail) => mail.text.includes(`Subject: Quartermaster: ${name} ${text}`))
        .flatMap(({ to }) => to)
        .sort();
    expect(about('needs your approval')).to.deep.equal(
      [team.admin.email, team.approver.email].sort(),
    );
    expect(about('was submitted')).to.deep.equal([team.developer.email]);
    await approve(team.approver.client, id);
    await deliverAll();
    expect(about('was approved')).to.deep.equal([team.developer.email]);
  });
});
