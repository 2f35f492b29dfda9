import { expect } from 'chai';
import { API_VERSION } from '../../../../crds/constants.ts';
import { classDigest } from '../../../../crds/approval.ts';
import { resourceClassSpecSchema, type ResourceClass } from '../../../../crds/resource-class.ts';
import type { ControllerRevision } from '../../../../lib/kube/objects.ts';
import { decideRevision, findUsedRevisions } from '../../../../operator/class/decide-revision.ts';
import { revisionName } from '../../../../operator/class/revision-name.ts';
import { OPERATOR_ANNOTATIONS } from '../../../../operator/constants.ts';
import {
  applied,
  buildRequest,
  buildRequestRun,
  NOW,
} from '../../../support/operator/request-builder.ts';

const HOUR = 60 * 60_000;
const nobody = { classes: [], requests: [], runs: [] };

function buildRevision(since?: Date): ControllerRevision {
  const annotations = since && { [OPERATOR_ANNOTATIONS.unusedSince]: since.toISOString() };
  return {
    apiVersion: 'apps/v1',
    kind: 'ControllerRevision',
    metadata: { name: 'database-1', ...(annotations && { annotations }) },
    revision: 1,
    data: {},
  };
}

function buildClass(status: ResourceClass['status']): ResourceClass {
  const spec = resourceClassSpecSchema.parse({
    title: 'Database',
    module: { source: './modules/database' },
    parameters: { type: 'object' },
  });
  const metadata = { name: 'database' };
  return { apiVersion: API_VERSION, kind: 'ResourceClass', metadata, spec, status };
}

function ago(milliseconds: number): Date {
  return new Date(NOW.getTime() - milliseconds);
}

describe('a class revision', () => {
  const decide = (revision: ControllerRevision, used: string[]): string =>
    decideRevision(revision, new Set(used), { now: NOW, graceMs: HOUR });

  it('is kept while somebody uses it, however long it was marked', () => {
    expect(decide(buildRevision(), ['database-1'])).to.equal('keep');
    expect(decide(buildRevision(ago(9 * HOUR)), ['database-1'])).to.equal('unmark');
  });

  it('is not removed at the first look that finds no user', () => {
    expect(decide(buildRevision(), [])).to.equal('mark');
    expect(decide(buildRevision(ago(HOUR - 1)), [])).to.equal('keep');
  });

  it('is removed when nobody has used it for the whole grace', () => {
    expect(decide(buildRevision(ago(HOUR)), [])).to.equal('remove');
  });

  it('is marked again when its mark cannot be read', () => {
    const revision = buildRevision();
    revision.metadata.annotations = { [OPERATOR_ANNOTATIONS.unusedSince]: 'yesterday' };
    expect(decide(revision, [])).to.equal('mark');
  });

  it('is used by what is applied, by every run, and by the class that offers it', () => {
    const request = buildRequest({ status: { applied: applied() } });
    expect([...findUsedRevisions({ ...nobody, requests: [request] })]).to.include('database-1');
    const run = buildRequestRun({ outcome: 'failed' });
    expect([...findUsedRevisions({ ...nobody, runs: [run] })]).to.include('database-1');
    const offering = buildClass({ revisionName: 'database-1' });
    expect([...findUsedRevisions({ ...nobody, classes: [offering] })]).to.include('database-1');
    expect(findUsedRevisions(nobody).size).to.equal(0);
  });

  it('is used by the class whose spec has come back to it, before its status says so', () => {
    const returned = buildClass({ revisionName: 'database-2' });
    const name = revisionName('database', classDigest(returned.spec));
    expect([...findUsedRevisions({ ...nobody, classes: [returned] })]).to.include(name);
  });
});
