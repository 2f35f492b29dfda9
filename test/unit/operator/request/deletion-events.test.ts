import { expect } from 'chai';
import { deletionDigest } from '../../../../crds/approval.ts';
import { findCondition } from '../../../../crds/condition.ts';
import { resourceClassSpecSchema } from '../../../../crds/resource-class.ts';
import type { ResourceRequestStatus } from '../../../../crds/resource-request.ts';
import { decideRequest } from '../../../../operator/request/decide.ts';
import { noticesBetween } from '../../../../operator/request/events.ts';
import type { RequestObservation } from '../../../../operator/request/observation.ts';
import { requestStatus } from '../../../../operator/request/status.ts';
import {
  applied,
  buildApproval,
  buildClassView,
  buildObservation,
  buildRequest,
  buildRequestRun,
  NOW,
} from '../../../support/operator/request-builder.ts';

const PLAN = 'sha256:plan';
const CHANGES = { add: 0, change: 0, destroy: 3 };
const DELETION = deletionDigest({ namespace: 'team', name: 'db', uid: 'uid-1' });

function specOf(approval: object) {
  return resourceClassSpecSchema.parse({
    title: 'Database',
    module: { source: './modules/database' },
    parameters: { type: 'object' },
    approval: { mode: 'Automatic', onDelete: 'Manual', ...approval },
  });
}

const made = buildRequestRun();
const planned = buildRequestRun({
  ...{ name: 'plan-1', action: 'Plan', sequence: 2, inputs: DELETION },
  status: { planDigest: PLAN, changes: CHANGES, finishedAt: NOW.toISOString() },
});
const planFailed = buildRequestRun({
  ...{ name: 'plan-1', action: 'Plan', sequence: 2, inputs: DELETION, outcome: 'failed' },
  status: { failure: { type: 'Configuration', message: 'no such zone' } },
});
const spent = buildApproval({ claims: { inputs: DELETION, plan: PLAN } });
const moved = { planDigest: PLAN, problem: 'StateMoved' as const };
const replanned = buildRequestRun({
  ...{ name: 'plan-2', action: 'Plan', sequence: 3, inputs: DELETION },
  status: { planDigest: 'sha256:2', changes: CHANGES, finishedAt: NOW.toISOString() },
});

/** A request that was Ready, and how it is found when it was deleted. */
function deletedAfterReady(changes: Partial<RequestObservation>, approval: object) {
  const spec = specOf(approval);
  const resting = buildObservation({
    request: buildRequest({ status: { applied: applied() } }),
    ...{ resourceClass: buildClassView({ spec }), approval: { kind: 'none' }, runs: [made] },
    credentials: { kind: 'not-needed' },
  });
  const before = requestStatus(resting, decideRequest(resting));
  const metadata = { deletionTimestamp: NOW.toISOString() };
  const deleted: RequestObservation = {
    ...resting,
    request: buildRequest({ metadata, ...(before && { status: before }) }),
    deletionRule: spec.approval,
    ...changes,
  };
  return { before, deleted };
}

function statusOf(observation: RequestObservation): ResourceRequestStatus {
  const { status = {} } = observation.request;
  return requestStatus(observation, decideRequest(observation)) ?? status;
}

/** As `<type> <reason>: <note>`. */
function toldBetween(before: ResourceRequestStatus | undefined, after: ResourceRequestStatus) {
  return noticesBetween(before, after).map(
    ({ type, reason, note }) => `${type} ${reason}: ${note}`,
  );
}

/** What is told when a request that was Ready is found deleted. */
function told(changes: Partial<RequestObservation>, approval: object = {}): string[] {
  const { before, deleted } = deletedAfterReady(changes, approval);
  return toldBetween(before, statusOf(deleted));
}

describe('the events of a deletion that is asked about', () => {
  const cases: Record<string, [RegExp[], Partial<RequestObservation>, object?]> = {
    'tell that it is planned before anybody is asked': [
      [/^Normal Deprovisioning: Run \S+ plans the destruction of what was made\.$/],
      {},
    ],
    'tell that it waits, what would go, and that the plan is there': [
      [
        /^Normal AwaitingApproval: Its deletion waits for an approval: .* The plan of run plan-1: 0 to add, 0 to change, 3 to destroy\.$/,
        /^Normal PlanReady: Run plan-1 has planned: 0 to add, 0 to change, 3 to destroy\.$/,
      ],
      { runs: [made, planned] },
    ],
    'tell that it waits where the class wants no plan': [
      [/^Normal AwaitingApproval: Its deletion waits for an approval: [^.]*\.$/],
      {},
      { preview: 'Skipped' },
    ],
    'tell that it waits although an approval of something else stands there': [
      [/^Normal AwaitingApproval: Its deletion waits/, /^Normal PlanReady: /],
      { runs: [made, planned], approval: buildApproval() },
    ],
    'warn that it waits again, and why, when what was approved is not there any more': [
      [
        /^Warning ApprovalOutdated: The state has changed since the plan was made\. The plan of run plan-2/,
        /^Normal PlanReady: Run plan-2/,
      ],
      { runs: [made, planned, replanned], approval: spent, approvedPlan: moved },
    ],
    'warn that nobody can be asked because the plan failed': [
      [/^Warning PlanFailed: The plan failed: Configuration: no such zone$/],
      { runs: [made, planFailed] },
    ],
  };
  for (const [title, [expected, changes, approval]] of Object.entries(cases)) {
    it(title, () => {
      const notices = told(changes, approval);
      expect(notices, notices.join('\n')).to.have.length(expected.length);
      for (const [index, pattern] of expected.entries()) {
        expect(notices[index]).to.match(pattern);
      }
    });
  }

  it('tell that it is approved, which stays true while it is destroyed and where that failed', () => {
    const { deleted: waiting } = deletedAfterReady({ runs: [made, planned] }, {});
    const asked = statusOf(waiting);
    const approved = { approval: spent, approvedPlan: { planDigest: PLAN, problem: undefined } };
    const begun = statusOf({ ...waiting, ...approved, request: withStatus(waiting, asked) });
    expect(toldBetween(asked, begun)).to.include('Normal Approved: The deletion is approved.');
    for (const outcome of ['unfinished', 'failed'] as const) {
      const run = buildRequestRun({ name: 'run-3', action: 'Destroy', sequence: 3, outcome });
      const runs = [made, planned, run];
      const next = { ...waiting, ...approved, runs, request: withStatus(waiting, begun) };
      const { message } = findCondition(statusOf(next).conditions, 'Approved')!;
      expect(message, outcome).to.equal('The deletion is approved.');
    }
  });
});

function withStatus({ request }: RequestObservation, status: ResourceRequestStatus) {
  return { ...request, status };
}
