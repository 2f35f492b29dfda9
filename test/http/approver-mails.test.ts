import { expect } from 'chai';
import { deliverDue } from '../../api/notifications/deliver.ts';
import { fanOut } from '../../api/notifications/fan-out.ts';
import { deliveryDependencies } from '../../api/notifications/start-notifications.ts';
import { buildTeam, type Team } from '../support/api/people.ts';
import { startMailingApi, type MailingApi } from '../support/mail/mailing-api.ts';
import { catalogueOf, ordinaryClasses } from '../support/requests/class-objects.ts';
import { makeRequest } from '../support/requests/requests.ts';

const READ = { action: 'read', resource: 'resource_requests' };

describe('who is told by mail that a request needs approval', function () {
  this.timeout(60_000);
  let api: MailingApi;
  let team: Team;
  before(async () => {
    api = await startMailingApi({}, { classes: catalogueOf(ordinaryClasses()) });
  });
  beforeEach(async () => {
    team = await buildTeam(api);
  });
  after(() => api.close());

  const narrow = async (role: string, permissions: object[]): Promise<void> => {
    const path = `/api/v1/rbac/policies/${role}`;
    const { status } = await team.admin.client.send('PUT', path, { body: { permissions } });
    expect(status).to.equal(200);
  };
  /** The addresses of the team that were asked to decide about a new request. */
  const askedNow = async (): Promise<string[]> => {
    await makeRequest(team);
    const { database } = api.deps;
    const delivery = deliveryDependencies(api.deps);
    while ((await fanOut(database, true)) > 0);
    while ((await deliverDue(delivery)) > 0);
    await delivery.webhooks.close();
    const people = [team.admin, team.approver, team.developer, team.readOnly];
    const asked = api.inbox.mails.filter(({ text }) => text.includes('needs your approval'));
    return people
      .map(({ email }) => email)
      .filter((email) => asked.some(({ to }) => to.includes(email)));
  };

  it('is nobody whose role the organisation has taken deciding from', async () => {
    await narrow('approver', [READ]);
    expect(await askedNow()).to.deep.equal([team.admin.email]);
  });

  it('is who may only reject, too', async () => {
    await narrow('approver', [READ, { action: 'reject', resource: 'resource_requests' }]);
    expect(await askedNow()).to.have.members([team.admin.email, team.approver.email]);
  });

  it('is every approver and admin where nothing else is said, and never who asked', async () => {
    expect(await askedNow()).to.have.members([team.admin.email, team.approver.email]);
  });
});
