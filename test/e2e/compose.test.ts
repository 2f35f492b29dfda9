import { expect } from 'chai';
import { items, object, text, type Json } from '../../dev/demo/api-client.ts';
import { playTenancy } from '../../dev/demo/steps/tenancy.ts';
import type { Tenancy } from '../../dev/demo/world.ts';
import { eventually } from '../support/eventually.ts';
import { startComposeWorld, type ComposeWorld } from './compose-world.ts';

describe('the compose file, really started', function () {
  this.timeout(3 * 60_000);
  let test: ComposeWorld;

  before('start its services', async function () {
    this.timeout(20 * 60_000);
    test = await startComposeWorld();
  });
  after(() => test.stop());

  async function readReadiness(): Promise<Json> {
    const answer = await fetch(`${test.world.stage.apiUrl}/ready`);
    expect(answer.status).to.equal(200);
    return (await answer.json()) as Json;
  }

  it('becomes ready in whatever order its services start, and says that Kubernetes is not connected', async () => {
    const { checks } = await eventually(readReadiness, 90_000, 200);
    expect(checks).to.have.nested.property('database.status', 'ok');
    expect(checks).to.have.nested.property('kubernetes.status', 'disabled');
  });

  it('makes the first administrator by the command that stands in it', async () => {
    const { adminEmail, adminPassword } = test.world.stage;
    const program = ['node', 'dist/api/admin/main.js', 'create-admin', '--email', adminEmail];
    const said = await test.stack.exec('api', [`ADMIN_PASSWORD=${adminPassword}`], program);
    expect(said).to.include(adminEmail);
  });

  describe('with a request that was approved', () => {
    let tenancy: Tenancy;
    let id: string;

    before(async () => {
      tenancy = await playTenancy(test.world);
      const body = { project_id: tenancy.projectId, class_name: 'trivial', name: 'orders' };
      const made = await tenancy.developer.api.expect(201, 'POST', '/resource-requests', { body });
      id = text(made.body, 'id');
      const shown = await tenancy.approver.api.expect(200, 'GET', `/resource-requests/${id}`);
      await tenancy.approver.api.expect(200, 'POST', `/resource-requests/${id}/approve`, {
        ...{ body: {}, headers: { 'if-match': shown.etag ?? '' } },
      });
    });

    /** What the request says of its progress, and what waits for Kubernetes in the database. */
    async function expectWaiting(): Promise<void> {
      const { body } = await tenancy.developer.api.expect(200, 'GET', `/resource-requests/${id}`);
      expect(body['status']).to.equal('approved');
      expect(object({ first: (body['conditions'] as Json[])[0] }, 'first')).to.include({
        ...{ type: 'Ready', reason: 'WaitingForKubernetes' },
      });
      expect(await readOutbox()).to.include('resource-request');
    }

    /** The orders that nobody has carried out, as the api's own program sees them. */
    async function readOutbox(): Promise<string> {
      const query = 'select kind from outbox where done_at is null and not dead';
      const program = `
        import pg from 'pg';
        const client = new pg.Client(process.env.SYSTEM_DATABASE_URL);
        await client.connect();
        const { rows } = await client.query(process.argv[1]);
        console.log(rows.map(({ kind }) => kind).join(' '));
        await client.end();`;
      const node = ['node', '--input-type=module', '--eval', program, query];
      return test.stack.exec('api', [], node);
    }

    it('says on the request what it waits for, and keeps the order', async () => {
      await expectWaiting();
    });

    it('still has it after everything was stopped and started again, with the keys that signed it', async () => {
      const before = await readKeys();
      await test.stack.restart();
      await eventually(readReadiness, 90_000, 200);
      const { developer, organizationId } = tenancy;
      await developer.api.signIn(developer.email, developer.password, organizationId);
      await expectWaiting();
      expect(await readKeys()).to.deep.equal(before);
    });

    async function readKeys(): Promise<Json> {
      const answer = await fetch(`${test.world.stage.apiUrl}/.well-known/jwks.json`);
      return (await answer.json()) as Json;
    }

    it('shows the request among those of the project', async () => {
      const { body } = await tenancy.developer.api.expect(200, 'GET', '/resource-requests');
      expect(items(body).map(({ name }) => name)).to.deep.equal(['orders']);
    });
  });
});
