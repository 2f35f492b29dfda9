import { expect } from 'chai';
import { decideImport, type ImportedRow } from '../../../api/sync/import/decide-import.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';

function buildResource(
  parameters?: Record<string, unknown>,
  metadata: object = {},
): ResourceRequest {
  return {
    apiVersion: 'quartermaster.dev/v1alpha1',
    kind: 'ResourceRequest',
    metadata: {
      name: 'db',
      namespace: 'acme-shop',
      uid: 'uid',
      resourceVersion: '20',
      ...metadata,
    },
    spec: { className: 'postgres', ...(parameters && { parameters }) },
  };
}

const one = { parameters: { size: 1 }, deletion_policy: null };
const two = { parameters: { size: 2 }, deletion_policy: null };

function buildRow(changes: Partial<ImportedRow> = {}): ImportedRow {
  return {
    ...{ id: 'id', status: 'pending', revision: 1, pending_revision: null },
    ...{ observed_version: '10', in_force: one, awaits_deletion: false },
    newest: { ...one, revision: 1, status: 'pending' },
    ...changes,
  };
}

const waiting = { pending_revision: 2, newest: { ...two, revision: 2, status: 'pending' } };
const leaving = { pending_revision: 3, awaits_deletion: true, status: 'ready' as const };
const displaced = { newest: { ...two, revision: 3, status: 'superseded' } };
const refused = { newest: { ...two, revision: 2, status: 'rejected' } };

describe('what an import does', () => {
  const cases: [string, ResourceRequest, ImportedRow | undefined, string][] = [
    [
      'nothing with what is being deleted',
      buildResource({}, { deletionTimestamp: 'x' }),
      undefined,
      'nothing',
    ],
    ['a request of what nobody has seen', buildResource({ size: 1 }), undefined, 'create'],
    ['nothing the second time', buildResource({ size: 1 }), buildRow(), 'nothing'],
    [
      'nothing with an older copy',
      buildResource({ size: 2 }, { resourceVersion: '9' }),
      buildRow(),
      'nothing',
    ],
    [
      'nothing with what somebody deletes',
      buildResource({ size: 2 }),
      buildRow({ status: 'deleting' }),
      'nothing',
    ],
    ['a revision of what waits', buildResource({ size: 2 }), buildRow(), 'revise'],
    [
      'a revision of what runs',
      buildResource({ size: 2 }),
      buildRow({ status: 'ready' }),
      'revise',
    ],
    [
      'nothing with a change that waits already',
      buildResource({ size: 2 }),
      buildRow({ status: 'ready', ...waiting }),
      'nothing',
    ],
    [
      'a revision of a change that waits',
      buildResource({ size: 3 }),
      buildRow({ status: 'ready', ...waiting }),
      'revise',
    ],
    [
      'an end to a change that was taken back',
      buildResource({ size: 1 }),
      buildRow({ status: 'ready', ...waiting }),
      'withdraw',
    ],
    [
      'nothing with a change that made room for the deletion that waits',
      buildResource({ size: 2 }),
      buildRow({ ...leaving, ...displaced }),
      'nothing',
    ],
    [
      'no end to the deletion that waits when such a change is taken back',
      buildResource({ size: 1 }),
      buildRow({ ...leaving, ...displaced }),
      'nothing',
    ],
    [
      'a revision of what runs, whose deletion is not wanted any more',
      buildResource({ size: 3 }),
      buildRow({ ...leaving, ...displaced }),
      'revise',
    ],
    [
      'a revision of a change that made room for a deletion of which nothing came',
      buildResource({ size: 2 }),
      buildRow({ status: 'ready', ...displaced }),
      'revise',
    ],
    [
      'nothing with a change that was rejected',
      buildResource({ size: 2 }),
      buildRow({ status: 'ready', ...refused }),
      'nothing',
    ],
    [
      'nothing with what was rejected',
      buildResource({ size: 1 }),
      buildRow({ status: 'rejected' }),
      'nothing',
    ],
    [
      'another request of what was rejected and is another now',
      buildResource({ size: 2 }),
      buildRow({ status: 'rejected' }),
      'create',
    ],
  ];
  for (const [what, resource, row, expected] of cases) {
    it(`is ${what}`, () => {
      expect(decideImport(resource, row).kind).to.equal(expected);
    });
  }

  it('takes no parameters for empty ones, and another deletion policy for a change', () => {
    const empty = { parameters: {}, deletion_policy: null };
    const row = buildRow({ in_force: empty, newest: { ...empty, revision: 1, status: 'pending' } });
    expect(decideImport(buildResource(), row).kind).to.equal('nothing');
    const retained = buildResource();
    retained.spec.deletionPolicy = 'Retain';
    expect(decideImport(retained, row).kind).to.equal('revise');
  });
});
