import { randomUUID } from 'node:crypto';
import { expect } from 'chai';
import type { ApprovalClaims } from '../../../../crds/approval.ts';
import { systemClock } from '../../../../lib/clock.ts';
import { RESOURCE_TYPES } from '../../../../lib/kube/resource-types.ts';
import { ApprovalLedger, ledgerName } from '../../../../operator/request/approval-ledger.ts';
import { useTestCluster } from '../../../support/kube/test-cluster.ts';

describe('The ledger of used approvals', function () {
  this.timeout(60_000);
  const cluster = useTestCluster();
  let runsNamespace: string;
  let ledger: ApprovalLedger;
  /** Of another process. */
  let other: ApprovalLedger;

  beforeEach(async () => {
    runsNamespace = await cluster.createNamespace();
    const options = { client: cluster.client, clock: systemClock, runsNamespace };
    [ledger, other] = [new ApprovalLedger(options), new ApprovalLedger(options)];
  });

  const claimsOf = (jti: string): ApprovalClaims =>
    ({ jti, exp: Math.floor(Date.now() / 1000) + 600 }) as ApprovalClaims;

  /** An approval that is written down in the same place. */
  function neighbourOf(jti: string): string {
    for (;;) {
      const found = randomUUID();
      if (ledgerName(found) === ledgerName(jti)) return found;
    }
  }

  it('leaves an approval with whoever bound it since it was looked for', async () => {
    expect(await ledger.findUser('jti')).to.equal(undefined);
    await other.bind(claimsOf('jti'), 'theirs');
    await ledger.bind(claimsOf('jti'), 'ours');
    expect(await ledger.findUser('jti')).to.equal('theirs');
    expect(await other.findUser('jti')).to.equal('theirs');
  });

  it('keeps what others wrote into the same place since it was read', async () => {
    const [second, third] = [neighbourOf('jti'), neighbourOf('jti')];
    await other.bind(claimsOf('jti'), 'first');
    expect(await ledger.findUser(second)).to.equal(undefined);
    await other.bind(claimsOf(third), 'third');
    await ledger.bind(claimsOf(second), 'second');
    const options = { client: cluster.client, clock: systemClock, runsNamespace };
    const fresh = new ApprovalLedger(options);
    const users = await Promise.all(['jti', second, third].map((jti) => fresh.findUser(jti)));
    expect(users).to.deep.equal(['first', 'second', 'third']);
  });

  it('reads what it has found or written no more', async () => {
    await other.bind(claimsOf('jti'), 'uid');
    expect(await ledger.findUser('jti')).to.equal('uid');
    const key = { namespace: runsNamespace, name: ledgerName('jti') };
    await cluster.client.delete(RESOURCE_TYPES.configMaps, key);
    expect(await ledger.findUser('jti')).to.equal('uid');
    expect(await other.findUser('jti')).to.equal('uid');
  });
});
