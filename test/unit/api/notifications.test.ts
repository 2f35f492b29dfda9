import { expect } from 'chai';
import { generateKeySet } from '../../../api/auth/key-set.ts';
import { pauseAfter } from '../../../api/notifications/delivery-schedule.ts';
import { notificationsOf } from '../../../api/notifications/notification-types.ts';
import { createAddressGuard } from '../../../api/notifications/private-addresses.ts';
import { createSecretBox } from '../../../api/notifications/secret-box.ts';

describe('the addresses that webhooks may have', () => {
  const isAllowed = createAddressGuard([]);
  const refused = [
    ...['127.0.0.1', '10.1.2.3', '172.16.0.1', '172.31.255.255', '192.168.1.1', '169.254.169.254'],
    ...['100.64.0.1', '0.0.0.0', '224.0.0.1', '255.255.255.255', '198.18.0.1', 'localhost', ''],
    ...['::1', '::', 'fe80::1', 'fd00::1', 'ff02::1', '::ffff:127.0.0.1', '::ffff:8.8.8.8'],
    ...['64:ff9b::a00:1', '2001:db8::1', '2002:7f00:1::1', '2001:0:1::1'],
  ];
  for (const address of refused) {
    it(`are never ${address || 'empty'}`, () => {
      expect(isAllowed(address)).to.equal(false);
    });
  }
  for (const address of ['8.8.8.8', '172.32.0.1', '2606:4700::1111']) {
    it(`may be ${address}`, () => {
      expect(isAllowed(address)).to.equal(true);
    });
  }
  it('may be in a network that somebody allowed, and in no other', () => {
    const guard = createAddressGuard(['10.1.0.0/16', 'fd00::/8']);
    expect(['10.1.2.3', 'fd00::1'].every(guard)).to.equal(true);
    expect(['10.2.0.1', 'fe80::1'].some(guard)).to.equal(false);
  });
  it('are not made of what is no network', () => {
    for (const text of ['10.0.0.0', 'example.com/8', '10.0.0.0/x']) {
      expect(() => createAddressGuard([text]), text).to.throw(RangeError);
    }
  });
});

describe('the pauses between attempts', () => {
  it('grow over days, and end', () => {
    const pauses = Array.from({ length: 9 }, (_, index) => pauseAfter(index + 1, 0)!);
    expect([...pauses].sort((left, right) => left - right)).to.deep.equal(pauses);
    const hours = pauses.reduce((sum, pause) => sum + pause, 0) / 3_600_000;
    expect(hours).to.be.within(72, 80);
    expect(pauseAfter(10, 0)).to.equal(undefined);
  });
});

describe('what an event means', () => {
  it('is nothing to decide where nobody is needed', () => {
    expect(notificationsOf('requested', false)).to.deep.equal(['request.submitted']);
    expect(notificationsOf('changed', false)).to.deep.equal([]);
    expect(notificationsOf('changed', true)).to.deep.equal(['request.needs_approval']);
    expect(notificationsOf('plan_failed', true)).to.deep.equal(['request.plan_failed']);
    expect(notificationsOf('provisioning', true)).to.deep.equal([]);
  });
});

describe('the box for secrets', () => {
  const keys = generateKeySet();
  it('gives back what was put in, also after the keys were rotated', () => {
    const sealed = createSecretBox(keys).seal('whsec_secret');
    expect(sealed).not.to.contain('whsec_secret');
    const rotated = { approval: [...generateKeySet().approval, ...keys.approval] };
    expect(createSecretBox(rotated).open(sealed)).to.equal('whsec_secret');
  });
  it('gives nothing for a key that is gone, or for what somebody changed', () => {
    const sealed = createSecretBox(keys).seal('whsec_secret');
    expect(createSecretBox(generateKeySet()).open(sealed)).to.equal(undefined);
    const parts = JSON.parse(sealed) as { data: string };
    const changed = JSON.stringify({ ...parts, data: Buffer.from('other').toString('base64') });
    expect(createSecretBox(keys).open(changed)).to.equal(undefined);
  });
});
