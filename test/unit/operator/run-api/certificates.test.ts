import { X509Certificate } from 'node:crypto';
import { expect } from 'chai';
import {
  createAuthority,
  issueServerCertificate,
  isUsable,
} from '../../../../operator/run-api/certificates.ts';

describe('The certificate of the run API', () => {
  const now = new Date('2026-01-01T00:00:00Z');
  const soon = new Date('2026-06-01T00:00:00Z');
  const late = new Date('2027-06-01T00:00:00Z');

  for (const host of ['10.245.0.1', 'run-api.quartermaster-system.svc', '2001:db8::1']) {
    it(`is for ${host} alone, and signed by our authority`, async () => {
      const authority = await createAuthority(now);
      const { certificate } = await issueServerCertificate(authority, host, now);
      const parsed = new X509Certificate(certificate);
      expect(parsed.verify(new X509Certificate(authority.certificate).publicKey)).to.equal(true);
      expect(parsed.ca).to.equal(false);
      expect(isUsable(certificate, 'elsewhere.example', soon)).to.equal(false);
      expect(isUsable(certificate, host, late)).to.equal(false);
      expect(isUsable(certificate, host, soon)).to.equal(true);
    });
  }
});
