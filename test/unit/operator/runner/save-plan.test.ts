import { createServer, type Server } from 'node:https';
import type { AddressInfo } from 'node:net';
import { expect } from 'chai';
import {
  createAuthority,
  issueServerCertificate,
} from '../../../../operator/run-api/certificates.ts';
import { RunApiClient } from '../../../../operator/runner/run-api-client.ts';
import type { PlanUpload } from '../../../../operator/terraform/run-contract.ts';
import { rejection } from '../../../support/rejection.ts';

const PLAN: PlanUpload = {
  file: 'cGxhbg==',
  lockFile: '',
  installation: { links: { 'modules/resource': '/image' }, files: {} },
  fingerprints: {},
  changes: { add: 1, change: 0, destroy: 0 },
  view: { resources: [], resourcesOmitted: 0, text: '' },
};

describe('A runner that hands its plan over', () => {
  let server: Server;
  let api: RunApiClient;
  /** What the run API takes beside the file; a release refuses what it does not know. */
  let known: (keyof PlanUpload)[];
  let taken: PlanUpload[];

  before(async () => {
    const authority = await createAuthority(new Date());
    const { certificate, key } = await issueServerCertificate(authority, '127.0.0.1', new Date());
    server = createServer({ cert: certificate, key }, (request, response) => {
      void readPlan(request).then((plan) => {
        const isKnown = Object.keys(plan).every((field) => known.includes(field as never));
        if (isKnown) taken.push(plan);
        response.writeHead(isKnown ? 200 : 400);
        response.end(JSON.stringify(isKnown ? { planDigest: 'sha256:plan' } : { detail: 'no' }));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const url = `https://127.0.0.1:${port}`;
    api = new RunApiClient({ url, ca: authority.certificate, token: 't', run: 'run' }, 'one');
  });
  after(() => {
    api.close();
    server.close();
  });
  beforeEach(() => {
    known = Object.keys(PLAN) as (keyof PlanUpload)[];
    taken = [];
  });

  it('gives up where it is refused for what it cannot leave out', async () => {
    known = ['file'];
    expect(await rejection(api.savePlan(PLAN))).to.include({ status: 400 });
    expect(taken).to.deep.equal([]);
  });

  it('says what was installed for it', async () => {
    expect(await api.savePlan(PLAN)).to.equal('sha256:plan');
    expect(taken).to.deep.equal([PLAN]);
  });

  it('leaves that out where the release before does not know it, while an upgrade is under way', async () => {
    known = known.filter((field) => field !== 'installation');
    expect(await api.savePlan(PLAN)).to.equal('sha256:plan');
    expect(taken).to.have.length(1);
    expect(Object.keys(taken[0] ?? {})).to.have.members(known);
  });
});

async function readPlan(request: AsyncIterable<Buffer>): Promise<PlanUpload> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part);
  return JSON.parse(Buffer.concat(parts).toString('utf8')) as PlanUpload;
}
