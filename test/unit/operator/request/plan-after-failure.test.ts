import { expect } from 'chai';
import { deletionDigest } from '../../../../crds/approval.ts';
import { resourceClassSpecSchema } from '../../../../crds/resource-class.ts';
import { decideRequest } from '../../../../operator/request/decide.ts';
import type { RequestDecision } from '../../../../operator/request/decision.ts';
import type { RequestObservation } from '../../../../operator/request/observation.ts';
import { requestStatus } from '../../../../operator/request/status.ts';
import {
  applied,
  buildApproval,
  buildClassView,
  buildObservation,
  buildRequest,
  buildRequestRun,
  digestOf,
  NOW,
} from '../../../support/operator/request-builder.ts';

const SPENT = 'sha256:spent';
const DELETION = deletionDigest({ namespace: 'team', name: 'db', uid: 'uid-1' });
const failure = { type: 'Transient' as const, message: 'It went wrong.' };
const due = { ...failure, retryAt: new Date(NOW.getTime() - 1).toISOString() };

const spec = resourceClassSpecSchema.parse({
  title: 'Database',
  module: { source: './modules/database' },
  parameters: { type: 'object' },
  approval: { preview: 'Required', onDelete: 'Manual' },
});

/** After an approved plan failed half way, when it would be time to try again. */
function failed(action: 'Apply' | 'Destroy', inputs: string): RequestObservation {
  const metadata = action === 'Destroy' ? { deletionTimestamp: NOW.toISOString() } : {};
  const status = { ...(action === 'Destroy' && { applied: applied() }), failure: due };
  const of = { inputs, status: { planDigest: SPENT } };
  const made = action === 'Destroy' ? [buildRequestRun()] : [];
  return buildObservation({
    request: buildRequest({ metadata, status }),
    resourceClass: buildClassView({ spec }),
    ...(action === 'Destroy' && { deletionRule: spec.approval }),
    approval: buildApproval({ claims: { inputs, plan: SPENT } }),
    approvedPlan: { planDigest: SPENT, problem: 'StateMoved' },
    runs: [
      ...made,
      buildRequestRun({ ...of, name: 'plan-1', action: 'Plan', sequence: 2 }),
      buildRequestRun({
        ...{ name: 'run-2', action, inputs, outcome: 'failed', sequence: 3 },
        ...{ planDigest: SPENT, status: { failure } },
      }),
    ],
  });
}

/** What is decided at the next look, with the status that this decision leaves. */
function lookAgain(
  observation: RequestObservation,
  decision: RequestDecision,
  changes: Partial<RequestObservation> = {},
): [RequestObservation, RequestDecision] {
  const { request } = observation;
  const status = requestStatus(observation, decision) ?? request.status;
  const next = { ...observation, request: { ...request, status }, ...changes };
  return [next, decideRequest(next)];
}

describe('the plan of what an approved run has left when it failed half way', () => {
  for (const [action, inputs] of [
    ['Apply', digestOf()],
    ['Destroy', DELETION],
  ] as const) {
    it(`of ${action} is made by itself when it is time, and people are asked about it`, () => {
      const before = failed(action, inputs);
      const intended = decideRequest(before);
      expect(intended.kind === 'intend-run' && intended.run.action).to.equal('Plan');
      const [begun, creation] = lookAgain(before, intended);
      expect(creation.kind).to.equal('create-run');
      const name = creation.kind === 'create-run' ? creation.run.name : '';
      const status = { planDigest: 'sha256:rest' };
      const plan = buildRequestRun({ name, action: 'Plan', inputs, sequence: 4, status });
      const [planned, record] = lookAgain(begun, creation, { runs: [...before.runs, plan] });
      expect(record.kind).to.equal('record-run');
      const [, waiting] = lookAgain(planned, record);
      expect(waiting).to.include({ kind: 'wait', reason: 'ApprovalOutdated', plan });
    });
  }
});
