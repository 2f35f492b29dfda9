import { expect } from 'chai';
import { ANNOTATIONS } from '../../../../crds/constants.ts';
import type { ResourceRun } from '../../../../crds/resource-run.ts';
import { findPrunableRuns } from '../../../../operator/request/runs.ts';
import { decideRun } from '../../../../operator/run/decide.ts';
import { buildRequestRun, NOW } from '../../../support/operator/request-builder.ts';

/** A Plan run that the api ordered, or the like. */
function ordered(uid: string, action: 'Plan' | 'Apply' = 'Plan'): ResourceRun {
  const made = buildRequestRun({ outcome: 'unfinished', action });
  const annotations = {
    ...made.metadata.annotations,
    [ANNOTATIONS.requestId]: 'request-of-the-api',
    [ANNOTATIONS.requestRevision]: '1',
  };
  return {
    ...made,
    metadata: { ...made.metadata, annotations },
    spec: { ...made.spec, requestRef: { ...made.spec.requestRef, uid } },
    status: {},
  };
}

function decide(run: ResourceRun): string {
  const nothing = { job: undefined, pods: [], refusal: undefined };
  return decideRun({ run, ...nothing, request: 'gone', isItsTurn: true, now: NOW }).kind;
}

describe('a plan of what is not there yet', () => {
  it('begins, although there is no request in the cluster', () => {
    expect(decide(ordered('request-of-the-api'))).to.equal('start-job');
  });

  it('does not, where it is of a resource that was there and is gone', () => {
    expect(decide(ordered('uid-of-a-resource'))).to.equal('fail');
  });

  it('is a plan: no other action begins without a request', () => {
    expect(decide(ordered('request-of-the-api', 'Apply'))).to.equal('fail');
  });
});

describe('the plans that the api ordered', () => {
  it('are not cleared away by the operator, however many runs came after them', () => {
    const later = Array.from({ length: 12 }, (_, at) => {
      const run = buildRequestRun({ outcome: 'succeeded' });
      return { ...run, metadata: { ...run.metadata, name: `later-${at}` } };
    });
    const plan = { ...ordered('uid'), status: later[0]?.status };
    const gone = findPrunableRuns([plan, ...later], []);
    expect(gone).to.have.length.above(0);
    expect(gone).not.to.include(plan);
  });
});
