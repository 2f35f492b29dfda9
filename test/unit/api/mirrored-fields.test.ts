import { expect } from 'chai';
import { mirrorFields } from '../../../api/sync/mirror/mirrored-fields.ts';
import type { MirroredRow } from '../../../api/sync/mirror/mirrored-status.ts';
import { REQUEST_STATUSES } from '../../../api/policies/request-transitions.ts';
import type { ResourceRequest } from '../../../crds/resource-request.ts';

type Row = MirroredRow & { credentials: null };

function buildRow(changes: Partial<Row> = {}): Row {
  return {
    ...{ status: 'approved', failure: null, credentials: null },
    ...{ parameters: { size: 1 }, approval: 'signed', inputs_digest: 'sha256:new' },
    ...changes,
  };
}

interface Statement {
  ready?: [status: 'True' | 'False' | 'Unknown', reason: string];
  approved?: [status: 'True' | 'False', reason: string];
  generation?: number;
  deleting?: boolean;
  parameters?: Record<string, unknown>;
  status?: Partial<NonNullable<ResourceRequest['status']>>;
}

function buildResource(statement: Statement): ResourceRequest {
  const { ready, approved, generation = 1 } = statement;
  const conditions = [
    ...(ready ? [['Ready', ...ready] as const] : []),
    ...(approved ? [['Approved', ...approved] as const] : []),
  ].map(([type, status, reason]) => ({
    ...{ type, status, reason, message: `because of ${reason}` },
    lastTransitionTime: '2026-01-01T00:00:00Z',
  }));
  return {
    apiVersion: 'quartermaster.dev/v1alpha1',
    kind: 'ResourceRequest',
    metadata: {
      ...{ name: 'db', namespace: 'acme-shop', uid: 'uid-1', generation },
      ...(statement.deleting ? { deletionTimestamp: '2026-01-01T00:00:00Z' } : {}),
    },
    spec: {
      className: 'postgres',
      parameters: statement.parameters ?? { size: 1 },
      approval: 'signed',
    },
    status: { observedGeneration: 1, conditions, ...statement.status },
  };
}

describe('what a request copies from its resource', () => {
  const cases: [string, Partial<Row>, Statement, string, string?][] = [
    ['stays approved before the operator has looked', {}, {}, 'approved'],
    ['is provisioning while a run is on', {}, { ready: ['False', 'Provisioning'] }, 'provisioning'],
    ['is ready when the operator says so', {}, { ready: ['True', 'Available'] }, 'ready'],
    [
      'stays as it is while the operator has not seen the newest generation',
      {},
      { ready: ['True', 'Available'], generation: 2 },
      'approved',
    ],
    [
      'stays approved while the resource carries the revision of before',
      {},
      { ready: ['True', 'Available'], parameters: { size: 9 } },
      'approved',
    ],
    [
      'stays ready when somebody edits the resource by hand and the operator goes on with the old',
      { status: 'ready' },
      { ready: ['True', 'Available'], parameters: { size: 9 } },
      'ready',
    ],
    [
      'stays approved while an older revision is what was applied',
      {},
      { ready: ['True', 'Available'], status: { applied: { inputsDigest: 'sha256:old' } } },
      'approved',
    ],
    [
      'is failed when the operator does not take the approval of a change',
      {},
      {
        ...{ ready: ['True', 'Available'], approved: ['False', 'ApprovalOutdated'] },
        status: { applied: { inputsDigest: 'sha256:old' } },
      },
      'failed',
      'Policy',
    ],
    [
      'is ready when the change was applied',
      {},
      { ready: ['True', 'Available'], status: { applied: { inputsDigest: 'sha256:new' } } },
      'ready',
    ],
    [
      'stays as it is while it is paused',
      { status: 'ready' },
      { ready: ['False', 'Paused'] },
      'ready',
    ],
    [
      'is failed for want of a valid approval',
      {},
      { ready: ['False', 'ApprovalInvalid'] },
      'failed',
      'Policy',
    ],
    [
      'is failed when the Secret is somebody else’s',
      { status: 'ready' },
      { ready: ['False', 'CredentialsConflict'] },
      'failed',
      'Conflict',
    ],
    [
      'is failed with the failure that the operator names',
      { status: 'provisioning' },
      {
        ready: ['False', 'RunFailed'],
        status: { failure: { type: 'Quota', message: 'no more' } },
      },
      'failed',
      'Quota',
    ],
    ['is deleting when the resource is', { status: 'ready' }, { deleting: true }, 'deleting'],
    [
      'is deleting when people said so, whatever the operator still says',
      { status: 'deleting' },
      { ready: ['True', 'Available'] },
      'deleting',
    ],
    [
      'shows why the deletion does not get on',
      { status: 'deleting' },
      { deleting: true, ready: ['False', 'DeprovisioningFailed'] },
      'deleting',
      'Internal',
    ],
  ];
  for (const [title, row, statement, status, failureType] of cases) {
    it(title, () => {
      const fields = mirrorFields(buildRow(row), buildResource(statement), []);
      expect(fields.status).to.equal(status);
      expect(fields.failure?.type).to.equal(failureType);
    });
  }

  for (const status of REQUEST_STATUSES) {
    it(`never moves ${status} where the state machine has no way`, () => {
      const ready = buildResource({ ready: ['True', 'Available'] });
      const moved = mirrorFields(buildRow({ status }), ready, []).status;
      const isRunning = ['approved', 'provisioning', 'ready', 'failed'].includes(status);
      expect(moved).to.equal(isRunning ? 'ready' : status);
    });
  }

  it('keeps the failure of the relay until the revision has arrived', () => {
    const failure = { type: 'Conflict', message: 'another writer' };
    const row = buildRow({ status: 'failed', failure });
    const old = buildResource({ ready: ['True', 'Available'], parameters: {} });
    expect(mirrorFields(row, old, [])).to.deep.include({ status: 'failed', failure });
    const arrived = buildResource({ ready: ['True', 'Available'] });
    expect(mirrorFields(row, arrived, [])).to.deep.include({ status: 'ready', failure: null });
  });

  it('refers to the credentials by name and keys once the operator has named the Secret', () => {
    const none = mirrorFields(buildRow(), buildResource({}), ['uri']);
    expect(none.credentials).to.equal(null);
    const bound = buildResource({ status: { binding: { name: 'db-credentials' } } });
    expect(mirrorFields(buildRow(), bound, ['uri']).credentials).to.deep.equal({
      ...{ secret_name: 'db-credentials', namespace: 'acme-shop', keys: ['uri'] },
    });
  });
});
