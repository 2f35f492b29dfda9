import { expect } from 'chai';
import { resourceClassSpecSchema } from '../../../../crds/resource-class.ts';
import type { ResourceRun } from '../../../../crds/resource-run.ts';
import { buildJob } from '../../../../operator/run/build-job.ts';
import { decideRun } from '../../../../operator/run/decide.ts';
import type { RunObservation } from '../../../../operator/run/observation.ts';
import { buildRequestRun, NOW } from '../../../support/operator/request-builder.ts';

const refusal = { reason: 'PodRefused', message: 'exceeded quota: full' };
const spec = resourceClassSpecSchema.parse({
  title: 'Database',
  module: { source: './modules/database' },
  parameters: { type: 'object' },
});

/** A run with a Job and no pod. */
function observe(reason: string, changes: Partial<RunObservation> = {}): RunObservation {
  const made = buildRequestRun({ outcome: 'unfinished', status: { jobName: 'run-1' } });
  const [condition] = made.status?.conditions ?? [];
  const conditions = [{ ...condition!, reason, message: refusal.message }];
  const run: ResourceRun = { ...made, status: { ...made.status, conditions } };
  return {
    run,
    job: buildJob({ run, spec, image: 'x' }),
    request: 'present',
    pods: [],
    refusal: undefined,
    isItsTurn: true,
    now: NOW,
    ...changes,
  };
}

function ended(observation: RunObservation): RunObservation {
  const conditions = [{ type: 'Failed', status: 'True', reason: 'DeadlineExceeded' }];
  return { ...observation, job: { ...observation.job!, status: { conditions } } };
}

describe('the decision about a run that gets no pod', () => {
  it('waits, and says why', () => {
    expect(decideRun(observe('Started', { refusal }))).to.deep.equal({
      kind: 'await-report',
      problem: refusal,
    });
  });

  it('calls it a matter of quota when its time is up, so that it is tried again', () => {
    expect(decideRun(ended(observe('PodRefused')))).to.deep.equal({
      kind: 'fail',
      failure: { type: 'Quota', message: refusal.message },
      mayHoldLock: true,
    });
  });

  it('calls it slow work where a pod was not refused', () => {
    const decision = decideRun(ended(observe('Started')));
    expect(decision).to.have.nested.property('failure.type', 'DeadlineExceeded');
  });
});
