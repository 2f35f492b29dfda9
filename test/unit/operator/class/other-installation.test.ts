import { expect } from 'chai';
import { findOtherInstallation } from '../../../../operator/class/other-installation.ts';

describe('a class', () => {
  const metadata = { name: 'database' };

  it('belongs to the installation whose namespace its status names', () => {
    const status = { revisionNamespace: 'their-runs' };
    expect(findOtherInstallation({ metadata, status }, 'our-runs')).to.deep.equal({
      className: 'database',
      runsNamespace: 'their-runs',
    });
  });

  for (const [whose, status] of Object.entries({
    'nobody yet, without a status': undefined,
    'nobody yet, with the status of an earlier version': { revisionName: 'database-1' },
    us: { revisionNamespace: 'our-runs' },
  })) {
    it(`can belong to ${whose}`, () => {
      expect(findOtherInstallation({ metadata, status }, 'our-runs')).to.equal(undefined);
    });
  }
});
