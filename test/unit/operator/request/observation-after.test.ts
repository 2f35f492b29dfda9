import { expect } from 'chai';
import { decideRequest } from '../../../../operator/request/decide.ts';
import type { RequestDecision } from '../../../../operator/request/decision.ts';
import type { RequestObservation } from '../../../../operator/request/observation.ts';
import {
  observationAfter,
  type StepOutcome,
} from '../../../../operator/request/observation-after.ts';
import { requestStatus } from '../../../../operator/request/status.ts';
import {
  applied,
  buildApproval,
  buildObservation,
  buildRequest,
  buildRequestRun,
} from '../../../support/operator/request-builder.ts';

const unbound = buildObservation({ approval: buildApproval({ usedBy: undefined }) });
const secret = {
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'db-credentials', namespace: 'team' },
} as const;
const delivered = buildObservation({
  request: buildRequest({ status: { applied: applied() } }),
  runs: [buildRequestRun()],
  credentials: { kind: 'stale', desired: secret, actual: undefined },
});

/** What is decided next, with what the step has left; undefined where another look is needed. */
function decideAfter(
  observation: RequestObservation,
  outcome: StepOutcome,
): { step: RequestDecision['kind']; next: RequestDecision | undefined } {
  const decision = decideRequest(observation);
  const status = requestStatus(observation, decision);
  const written = status === undefined ? undefined : { ...observation.request, status };
  const after = observationAfter(observation, decision, { ...outcome, written });
  return { step: decision.kind, next: after && decideRequest(after) };
}

describe('What follows a step without another look', () => {
  it('is no run under an approval that another resource was quicker to use', () => {
    const { step, next } = decideAfter(unbound, { boundTo: 'uid-of-another' });
    expect(step).to.equal('bind-approval');
    expect(next).to.include({ kind: 'wait', reason: 'ApprovalInvalid' });
  });

  it('is nothing where it is not known who uses the approval', () => {
    expect(decideAfter(unbound, {}).next).to.equal(undefined);
  });

  it('is nothing where a Secret that could not be changed had to go', () => {
    expect(decideAfter(delivered, {})).to.deep.equal({
      step: 'write-credentials',
      next: undefined,
    });
  });

  it('is nothing where an intention was not written', () => {
    const observation = buildObservation();
    const decision = decideRequest(observation);
    expect(decision.kind).to.equal('intend-run');
    const after = observationAfter(observation, decision, { written: undefined });
    expect(after).to.equal(undefined);
  });

  it('is the intention, once the approval is written down as used', () => {
    expect(decideAfter(unbound, { boundTo: 'uid-1' }).next?.kind).to.equal('intend-run');
  });

  it('is the very run that was intended', () => {
    const observation = buildObservation();
    const intended = decideRequest(observation);
    const { step, next } = decideAfter(observation, {});
    expect(step).to.equal('intend-run');
    expect(next).to.deep.equal({
      kind: 'create-run',
      run: intended.kind === 'intend-run' ? intended.run : undefined,
    });
  });

  it('leaves nothing unrecorded where the record went with the intention', () => {
    const unrecorded = buildRequestRun({ name: 'run-0' });
    const observation = buildObservation({ unrecorded });
    const decision = decideRequest(observation);
    const status = requestStatus(observation, decision);
    const written = { ...observation.request, ...(status && { status }) };
    const after = observationAfter(observation, decision, { written });
    expect(decision.kind).to.equal('intend-run');
    expect(after).to.include({ unrecorded: undefined });
  });

  it('is Ready, once the credentials are beside the application', () => {
    const { next } = decideAfter(delivered, { credentials: secret.metadata.name });
    expect(next).to.deep.equal({ kind: 'idle' });
  });
});
